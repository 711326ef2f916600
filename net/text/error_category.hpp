#pragma once

#include <string>

#include <boost/system/error_category.hpp>

namespace net::text {

/// The category of an error enum whose messages one function gives. Make one static instance for each enum.
template <class Errc>
class error_category final : public boost::system::error_category {
 public:
  constexpr error_category(const char* name, std::string (*message)(Errc)) : name_(name), message_(message) {}

  const char* name() const noexcept override { return name_; }
  std::string message(int code) const override { return message_(static_cast<Errc>(code)); }

 private:
  const char* name_;
  std::string (*message_)(Errc);
};

}  // namespace net::text
