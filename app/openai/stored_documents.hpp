#pragma once

// What the endpoints below /v1/responses/{id} answer beside the response itself. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"
#include "app/openai/response_store.hpp"

namespace app::openai {

struct page_query {
  std::size_t limit = 20;
  bool ascending = false;
  std::string after;  // id of the item before the page

  static constexpr std::size_t max_limit = 100;
};

/// Decoded names and values; those that are not known are passed over.
boost::system::result<page_query, api_error> parse_page_query(
    std::span<const std::pair<std::string, std::string>> parameters);

/// GET …/input_items. 400 for an `after` that is none of them.
boost::system::result<std::string, api_error> render_input_items(const stored_response& response,
                                                                 const page_query& page);
/// DELETE …: {"id":…,"object":"response","deleted":true}
std::string render_deleted(std::string_view id);

}  // namespace app::openai
