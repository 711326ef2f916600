#include "cascade/supervisor/supervisor_errc.hpp"

#include <string>

#include "net/text/error_category.hpp"

namespace cascade {

namespace {

std::string message_of(supervisor_errc code) {
  switch (code) {
    case supervisor_errc::none_configured:
      return "no language server is configured";
    case supervisor_errc::stopped:
      return "the language server has been stopped";
    case supervisor_errc::misconfigured:
      return "the language server's configuration cannot work";
    case supervisor_errc::stranger:
      return "somebody else holds the language server's port";
  }
  return "unknown supervisor error";
}

}  // namespace

const boost::system::error_category& supervisor_category() noexcept {
  static const net::text::error_category<supervisor_errc> instance("supervisor", message_of);
  return instance;
}

}  // namespace cascade
