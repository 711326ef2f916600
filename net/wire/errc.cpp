#include "net/wire/errc.hpp"

#include <string>

namespace net::wire {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "wire"; }

  std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::need_more:
        return "more input is needed";
      case errc::malformed:
        return "malformed input";
      case errc::too_large:
        return "a size limit was passed";
      case errc::not_tls:
        return "not a TLS handshake";
    }
    return "unknown wire error";
  }
};

}  // namespace

const boost::system::error_category& wire_category() noexcept {
  static const category instance;
  return instance;
}

}  // namespace net::wire
