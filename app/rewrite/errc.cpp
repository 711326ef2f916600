#include "app/rewrite/errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace app::rewrite {
namespace {

std::string message_of(errc code) {
  switch (code) {
    case errc::not_json:
      return "the body is not JSON";
    case errc::missing:
      return "it is not there";
    case errc::ambiguous:
      return "it is given twice";
    case errc::wrong_type:
      return "its type is another";
    case errc::unknown_shape:
      return "not a call of a known shape";
    case errc::no_room:
      return "the thinking budget would not fit below it";
    case errc::no_fields:
      return "only the upgrade of a WebSocket has header fields, and it does not tell whether the rule matches";
    case errc::no_events:
      return "the file holds no events for a WebSocket";
  }
  return "unknown rewrite error";
}

}  // namespace

const boost::system::error_category& rewrite_category() noexcept {
  static const net::text::error_category<errc> instance("rewrite", message_of);
  return instance;
}

}  // namespace app::rewrite
