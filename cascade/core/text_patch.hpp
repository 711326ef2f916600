#pragma once

// The difference between the text that was passed on and the text as it is now. Servers send a growing text whole each
// time. A reader wants only what is new, and must learn when the text it has is no longer right. step_reducer keeps one
// per text.
//
// Cost: a memcmp of the old text, whose bytes are in the update anyway, and a copy of the new bytes. Updates that do
// not touch the text cost nothing.

#include <cstddef>
#include <string>
#include <string_view>

namespace cascade {

class text_patch {
 public:
  enum class verdict { same, extended, rewritten };

  /// `text` is the new suffix if extended, the whole text if rewritten; a view that is valid until the next update().
  struct change {
    verdict what = verdict::same;
    std::string_view text;
  };

  /// A code point that is cut by the end of `text` is held back until the rest of it comes.
  change update(std::string_view text);

  /// The text passed on so far.
  const std::string& said() const { return said_; }

 private:
  std::string said_;
};

}  // namespace cascade
