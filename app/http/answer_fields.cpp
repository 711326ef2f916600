#include "app/http/answer_fields.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

using clock = std::chrono::steady_clock;

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

void set(field_list& fields, const std::string& name, const std::string& value) {
  const auto known = std::ranges::find_if(fields, [&](const auto& one) { return net::text::iequals(one.first, name); });
  if (known != fields.end()) {
    known->second = value;
  } else {
    fields.emplace_back(name, value);
  }
}

}  // namespace

field_list answer_fields(const api_response& answer, const api_exchange& exchange) {
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - exchange.begun);
  field_list fields{{"Date", http_date()},
                    {"Content-Type", answer.content_type},
                    {"Cache-Control", answer.stream ? "no-cache" : "no-store"},
                    {"x-request-id", exchange.request_id},
                    {"openai-processing-ms", std::to_string(taken.count())},
                    {"openai-version", "2020-10-01"},
                    {"x-content-type-options", "nosniff"},
                    {"cross-origin-resource-policy", "same-origin"},
                    {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
                    {"referrer-policy", "no-referrer"}};
  if (answer.stream) fields.emplace_back("x-accel-buffering", "no");
  if (!exchange.allowed_origin.empty()) {  // the Fetch standard, "CORS protocol"
    fields.emplace_back("Access-Control-Allow-Origin", exchange.allowed_origin);
    fields.emplace_back("Vary", "Origin");
    fields.emplace_back("Access-Control-Expose-Headers",
                        "x-request-id, x-zerogravity-cascade-id, x-zerogravity-ignored, retry-after");
  }
  for (const auto& [name, value] : answer.headers) set(fields, name, value);
  return fields;
}

}  // namespace app
