#include "cascade/core/errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace cascade {
namespace {

std::string message_of(errc code) {
  switch (code) {
    case errc::version_gap:
      return "an update is missing";
    case errc::malformed:
      return "malformed state";
    case errc::too_large:
      return "the state passed its size limit";
  }
  return "unknown cascade error";
}

}  // namespace

const boost::system::error_category& cascade_category() noexcept {
  static const net::text::error_category<errc> instance("cascade", message_of);
  return instance;
}

}  // namespace cascade
