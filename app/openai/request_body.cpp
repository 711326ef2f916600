#include "app/openai/request_body.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>

#include <boost/json/memory_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/storage_ptr.hpp>

#include "app/base/json_bounds.hpp"
#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"

namespace app::openai {
namespace {

/// Limits the bytes that are allocated at one time.
class bounded_memory final : public json::memory_resource {
 public:
  explicit bounded_memory(std::size_t limit) : left_(limit) {}

 private:
  /// Boost.JSON needs no more than the default alignment.
  void* do_allocate(std::size_t size, std::size_t) override {
    if (size > left_) throw std::bad_alloc();
    void* const memory = ::operator new(size);
    left_ -= size;
    return memory;
  }

  void do_deallocate(void* memory, std::size_t size, std::size_t) override {
    ::operator delete(memory);
    left_ += size;
  }

  bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }

  std::size_t left_;
};

std::optional<std::uint64_t> whole_number(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  const bool whole = number >= 0 && number < 9e15 && std::floor(number) == number;
  return whole ? std::optional(static_cast<std::uint64_t>(number)) : std::nullopt;
}

}  // namespace

boost::system::result<json::value, api_error> parse_body(std::string_view body, const request_limits& limits) {
  // Check before parsing: for a few megabytes of empty objects, the parser's own stack takes a hundred megabytes.
  if (const auto excess = excess_of(body, {limits.depth, limits.values})) return malformed_body(*excess);
  json::parse_options options;
  options.max_depth = limits.depth;
  try {
    boost::system::error_code code;
    auto memory = json::make_shared_resource<bounded_memory>(limits.memory + 4 * body.size());
    json::value parsed = json::parse(body, code, std::move(memory), options);
    if (code) return malformed_body("The body is not JSON that can be read: " + code.message() + '.');
    if (!parsed.is_object())
      return malformed_body("The body must be a JSON object, but is " + std::string(type_name(parsed)) + '.');
    return {boost::system::in_place_value, std::move(parsed)};
  } catch (const std::bad_alloc&) {
    return malformed_body("The body has too many JSON values.");
  }
}

std::string_view type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a decimal number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "something else";
}

std::string members::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + '.' + std::string(name);
}

void members::mistyped(std::string_view name, std::string_view expected, const json::value& got) const {
  wrong_->add(wrong_type(path_of(name), expected, type_name(got)));
}

const json::value* members::find(std::string_view name) const {
  const json::value* const value = object_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string_view> members::text(std::string_view name) const {
  const json::value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const json::string* const text = value->if_string()) return std::string_view(*text);
  mistyped(name, "a string", *value);
  return std::nullopt;
}

std::string_view members::required_text(std::string_view name) const {
  if (find(name) == nullptr) wrong_->add(missing_parameter(path_of(name)));
  return text(name).value_or("");
}

bool members::flag(std::string_view name, bool otherwise) const {
  const json::value* const value = find(name);
  if (value == nullptr) return otherwise;
  if (const bool* const flag = value->if_bool()) return *flag;
  mistyped(name, "a boolean", *value);
  return otherwise;
}

std::optional<std::uint64_t> members::count(std::string_view name, std::uint64_t least) const {
  const json::value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    mistyped(name, "an integer", *value);
    return std::nullopt;
  }
  const std::optional<std::uint64_t> number = whole_number(*value);
  if (number && *number >= least) return number;
  std::string message = "Invalid value for '" + path_of(name) + "': expected an integer of at least ";
  append_number(message, least);
  wrong_->add(invalid_value(path_of(name), message + '.'));
  return std::nullopt;
}

const json::array* members::list(std::string_view name) const {
  const json::value* const value = find(name);
  if (value == nullptr) return nullptr;
  const json::array* const list = value->if_array();
  if (list == nullptr) mistyped(name, "an array", *value);
  return list;
}

std::optional<members> members::object(std::string_view name) const {
  const json::value* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (const json::object* const inner = value->if_object()) return members(*inner, path_of(name), *wrong_);
  mistyped(name, "an object", *value);
  return std::nullopt;
}

std::optional<members> members::element(const json::value& value, std::string_view list, std::size_t index) const {
  const std::string name = std::string(list) + '[' + std::to_string(index) + ']';
  if (const json::object* const inner = value.if_object()) return members(*inner, path_of(name), *wrong_);
  mistyped(name, "an object", value);
  return std::nullopt;
}

void append_value(std::string& out, const json::value& value) {
  if (const json::string* const text = value.if_string()) {
    append_json(out, *text);
  } else if (const json::array* const list = value.if_array()) {
    out += '[';
    for (const json::value& each : *list) {
      if (&each != list->data()) out += ',';
      append_value(out, each);
    }
    out += ']';
  } else if (const json::object* const object = value.if_object()) {
    out += '{';
    for (const auto& [key, inner] : *object) {
      if (out.back() != '{') out += ',';
      append_json(out, key);
      out += ':';
      append_value(out, inner);
    }
    out += '}';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace app::openai
