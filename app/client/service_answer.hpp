#pragma once

// What answered at the service's address, and whether it was the service: any program may listen there. Pure.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

namespace app {

struct service_answer {
  unsigned status = 0;
  std::string body;
  std::string content_type{};
};

/// The service was not reached, or who answers is not the service: exit_code::unreachable.
struct service_unreachable {
  std::string why;  // names the URL
};

/// An answer without a content type is taken as any type.
bool is_of(const service_answer& answer, std::string_view type);

/// The JSON object that the service sends with status 200. Error: why there is none; names `url`.
boost::system::result<boost::json::object, service_unreachable> object_in(const service_answer& answer,
                                                                          const std::string& url);

/// The message of an error answer of the service; empty: the answer is not the service's.
std::string error_message(const service_answer& answer);

/// "…: what answers there is not the service (it …)".
service_unreachable not_the_service(const std::string& url, std::string_view why);

}  // namespace app
