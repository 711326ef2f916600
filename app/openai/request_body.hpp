#pragma once

// The JSON of a request's body, and its members by type. Nesting and memory are limited: the parsed values of a small
// body can take a hundred times its size. The readers note the first error with the parameter's name as OpenAI writes
// it, such as messages[2].content, and continue as if the parameter were absent. null is the same as absent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

namespace json = boost::json;

/// The first refusal of a request.
class refusal {
 public:
  void add(api_error error) {
    if (!first_) first_ = std::move(error);
  }
  bool given() const { return first_.has_value(); }
  const api_error& error() const { return *first_; }

 private:
  std::optional<api_error> first_;
};

/// 400 if the body is not a JSON object, too deep or too large.
boost::system::result<json::value, api_error> parse_body(std::string_view body, const request_limits& limits);

/// "a string", "an array" …
std::string_view type_name(const json::value& value);

/// A view of an object in the body. Results are views, too.
class members {
 public:
  members(const json::object& object, std::string path, refusal& wrong)
      : object_(&object), path_(std::move(path)), wrong_(&wrong) {}

  const json::value* find(std::string_view name) const;
  std::optional<std::string_view> text(std::string_view name) const;
  std::string_view required_text(std::string_view name) const;
  bool flag(std::string_view name, bool otherwise = false) const;
  /// Whole numbers of at least `least`; 1.0 is one.
  std::optional<std::uint64_t> count(std::string_view name, std::uint64_t least) const;
  const json::array* list(std::string_view name) const;
  std::optional<members> object(std::string_view name) const;
  /// An element of a list of objects. If it is no object, notes an error and returns nullopt.
  std::optional<members> element(const json::value& value, std::string_view list, std::size_t index) const;

  std::string path_of(std::string_view name) const;
  const std::string& path() const { return path_; }
  const json::object& raw() const { return *object_; }
  refusal& wrong() const { return *wrong_; }

 private:
  void mistyped(std::string_view name, std::string_view expected, const json::value& got) const;

  const json::object* object_;
  std::string path_;  // of this object; empty for the body
  refusal* wrong_;
};

/// A value as JSON, with the escapes of append_json().
void append_value(std::string& out, const json::value& value);

}  // namespace app::openai
