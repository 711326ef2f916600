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
  }
  return "unknown rewrite error";
}

}  // namespace

const boost::system::error_category& rewrite_category() noexcept {
  static const net::text::error_category<errc> instance("rewrite", message_of);
  return instance;
}

}  // namespace app::rewrite
