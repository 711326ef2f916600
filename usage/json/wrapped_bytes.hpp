#pragma once

// Decodes the base64 of one string member of a JSON object while the text passes, so that a value of any size costs no
// memory: Amazon Bedrock wraps the events of a model in {"bytes":"…"}. The reader of event streams uses it, beside a
// scanner that checks the JSON.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usage {

class wrapped_bytes {
 public:
  class sink {
   public:
    /// A decoded piece, never empty.
    virtual void on_bytes(std::string_view piece) = 0;

   protected:
    ~sink() = default;
  };

  /// `name`, which outlives this, is of a member of the object at the root.
  explicit wrapped_bytes(std::string_view name) : name_(name) {}

  /// All of `json` is used. False: the member is not base64; final until reset().
  bool feed(std::string_view json, sink& out);
  /// The object has such a member, and its value is a string.
  bool found() const noexcept { return found_; }
  /// Ready for another object.
  void reset() noexcept { *this = wrapped_bytes(name_); }

 private:
  enum class state : std::uint8_t { structure, key, text, value, value_escape, failed };

  const char* structure(const char* at);
  const char* in_key(const char* at);
  const char* in_text(const char* at, const char* end);
  const char* in_value(const char* at, const char* end, sink& out);
  void in_escape(char c);
  void take(char c);

  static constexpr std::size_t piece_size = 1024;

  std::string_view name_;
  state state_ = state::structure;
  std::size_t depth_ = 0;
  std::size_t matched_ = 0;  // characters of the name that the key has so far
  bool object_ = false;      // at the root
  bool key_comes_ = false;   // the next string at the root is a key
  bool is_member_ = false;   // the key was the name
  bool skips_next_ = false;  // a backslash came before
  bool found_ = false;
  std::uint32_t bits_ = 0;   // decoded, but not yet a byte
  std::uint8_t held_ = 0;    // how many bits
  std::uint8_t digits_ = 0;  // of the group of four under way
  std::uint8_t padding_ = 0;
  std::uint8_t unicode_ = 0;  // hex digits of an escape that are still to come
  unsigned unit_ = 0;         // their value
};

}  // namespace usage
