#pragma once

// Answers of the endpoints below /v1/responses/{id}, except the response itself. Pure.

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

/// Takes decoded names and values. Ignores unknown ones.
boost::system::result<page_query, api_error> parse_page_query(
    std::span<const std::pair<std::string, std::string>> parameters);

/// For GET …/input_items. 400 if `after` is not the id of an item.
boost::system::result<std::string, api_error> render_input_items(const stored_response& response,
                                                                 const page_query& page);
/// For DELETE …: {"id":…,"object":"response","deleted":true}
std::string render_deleted(std::string_view id);

}  // namespace app::openai
