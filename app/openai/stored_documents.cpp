#include "app/openai/stored_documents.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"

namespace app::openai {
namespace {

std::string input_item_id(const stored_response& response, std::size_t index) {
  return "msg_" + response.id.substr(response.id.find('_') + 1) + "_in" + std::to_string(index);
}

void append_item_with_id(std::string& out, const stored_response& response, std::size_t index) {
  out += R"({"id":)";
  append_json(out, input_item_id(response, index));
  const std::string_view rest = std::string_view(response.input_items[index]).substr(1);
  out.append(rest.starts_with('}') ? "" : ",").append(rest);
}

/// Positions of all items in the requested order.
std::vector<std::size_t> ordered(const stored_response& response, bool ascending) {
  std::vector<std::size_t> order(response.input_items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = ascending ? i : order.size() - 1 - i;
  return order;
}

std::string quoted_or_null(const stored_response& response, std::optional<std::size_t> index) {
  std::string out;
  append_json_or_null(out, index ? std::optional(input_item_id(response, *index)) : std::nullopt);
  return out;
}

}  // namespace

boost::system::result<page_query, api_error> parse_page_query(
    std::span<const std::pair<std::string, std::string>> parameters) {
  page_query page;
  for (const auto& [name, value] : parameters) {
    if (name == "limit") {
      const auto read = std::from_chars(value.data(), value.data() + value.size(), page.limit);
      if (read.ec != std::errc() || read.ptr != value.data() + value.size() || page.limit < 1 ||
          page.limit > page_query::max_limit)
        return invalid_value("limit", "Invalid value for 'limit': expected an integer from 1 to 100.");
    } else if (name == "order") {
      if (value != "asc" && value != "desc")
        return invalid_value("order", "Invalid value for 'order': expected asc or desc.");
      page.ascending = value == "asc";
    } else if (name == "after") {
      page.after = value;
    }
  }
  return page;
}

boost::system::result<std::string, api_error> render_input_items(const stored_response& response,
                                                                 const page_query& page) {
  const std::vector<std::size_t> order = ordered(response, page.ascending);
  auto from = order.begin();
  if (!page.after.empty()) {
    from = std::find_if(order.begin(), order.end(),
                        [&](std::size_t index) { return input_item_id(response, index) == page.after; });
    if (from == order.end()) return invalid_value("after", "Invalid value for 'after': no item has this id.");
    ++from;
  }
  const auto size = std::min(page.limit, static_cast<std::size_t>(order.end() - from));
  const std::span<const std::size_t> shown(from, size);
  std::string out = R"({"object":"list","data":[)";
  for (const std::size_t index : shown) {
    if (out.back() != '[') out += ',';
    append_item_with_id(out, response, index);
  }
  const auto end = [&](auto get) { return shown.empty() ? std::nullopt : std::optional(get()); };
  out += R"(],"first_id":)" + quoted_or_null(response, end([&] { return shown.front(); }));
  out += R"(,"last_id":)" + quoted_or_null(response, end([&] { return shown.back(); }));
  out += R"(,"has_more":)";
  return out += from + static_cast<std::ptrdiff_t>(size) == order.end() ? "false}" : "true}";
}

std::string render_deleted(std::string_view id) {
  std::string out = R"({"id":)";
  append_json(out, id);
  return out += R"(,"object":"response","deleted":true})";
}

}  // namespace app::openai
