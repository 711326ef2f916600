#pragma once

// Sees everything inside a value that a json_scanner passes (selection::watched), as it passes: nothing is kept, and a
// string of any size comes in pieces. However the text is cut, the pieces joined are the same.

#include <string_view>

namespace usage {

class json_watcher {
 public:
  /// A watched value begins. A member given twice begins twice.
  virtual void on_begin(int tag) = 0;
  /// An object or array begins, the watched value itself included.
  virtual void on_open(bool object) = 0;
  virtual void on_close() = 0;
  /// A part of a member's name, as sent: without quotes, with escapes.
  virtual void on_name(std::string_view part) = 0;
  virtual void on_name_end() = 0;
  /// A part of a string, number or literal, as sent.
  virtual void on_text(std::string_view part) = 0;
  virtual void on_text_end() = 0;
  /// The watched value has ended.
  virtual void on_end() = 0;

 protected:
  ~json_watcher() = default;
};

}  // namespace usage
