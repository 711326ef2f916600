#include "app/client/service_answer.hpp"

#include <boost/json/parse.hpp>

#include "app/base/json_members.hpp"
#include "app/base/terminal_text.hpp"

namespace app {

namespace json = boost::json;

bool is_of(const service_answer& answer, std::string_view type) {
  return answer.content_type.empty() || answer.content_type.starts_with(type);
}

service_unreachable not_the_service(const std::string& url, std::string_view why) {
  return {url + ": what answers there is not the service (" + std::string(why) + ")"};
}

boost::system::result<json::object, service_unreachable> object_in(const service_answer& answer,
                                                                   const std::string& url) {
  if (answer.status != 200) {
    return not_the_service(url, "it answers " + std::to_string(answer.status) + ": " + one_line(answer.body));
  }
  if (!is_of(answer, "application/json")) {
    return not_the_service(url, "it sends " + one_line(answer.content_type) + " instead of application/json");
  }
  boost::system::error_code error;
  auto value = json::parse(answer.body, error);
  if (error) return not_the_service(url, "it sends no JSON: " + error.message());
  if (!value.is_object()) return not_the_service(url, "it sends no object");
  return std::move(value.get_object());
}

std::string error_message(const service_answer& answer) {
  boost::system::error_code error;
  const auto value = json::parse(answer.body, error);
  if (error || !value.is_object()) return {};
  return std::string(text_member(object_member(value.get_object(), "error"), "message"));
}

}  // namespace app
