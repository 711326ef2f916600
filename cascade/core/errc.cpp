#include "cascade/core/errc.hpp"

#include <string>

namespace cascade {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "cascade"; }

  std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::version_gap:
        return "an update is missing";
      case errc::malformed:
        return "malformed state";
      case errc::too_large:
        return "the state passed its size limit";
    }
    return "unknown cascade error";
  }
};

}  // namespace

const boost::system::error_category& cascade_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace cascade
