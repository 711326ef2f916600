#pragma once

// The difference between what was said of a text and what the text is now. Servers send a growing text whole each time;
// a reader wants only what is new, and must hear when what it has is no longer true. step_reducer keeps one per text.
//
// Cost: a memcmp of what was already said (the update carries that many bytes anyway, and was parsed once to carry
// them) and a copy of the new bytes only. Nothing at all for updates that did not touch the text.

#include <cstddef>
#include <string>
#include <string_view>

namespace cascade {

class text_patch {
 public:
  enum class verdict { same, extended, rewritten };

  /// `text` views the patch, valid until the next update(): the new suffix if extended, all of it if rewritten.
  struct change {
    verdict what = verdict::same;
    std::string_view text;
  };

  /// A code point that the end of `text` cuts in two is held back until its rest is there.
  change update(std::string_view text);

  /// What was said so far.
  const std::string& said() const { return said_; }

 private:
  std::string said_;
};

}  // namespace cascade
