#include "cascade/supervisor/supervisor_errc.hpp"

#include <string>

namespace cascade {

namespace {

class supervisor_errors final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "supervisor"; }

  std::string message(int code) const override {
    switch (static_cast<supervisor_errc>(code)) {
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
};

}  // namespace

const boost::system::error_category& supervisor_category() noexcept {
  static const supervisor_errors instance;
  return instance;
}

}  // namespace cascade
