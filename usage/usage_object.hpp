#pragma once

// A usage object by itself: as raw_usage keeps it, or one that lies in another. It is read once, at the end of an
// answer or when the ledger is checked, not while the answer passes.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "usage/answer_members.hpp"
#include "usage/dialect.hpp"

namespace usage {

class usage_object {
 public:
  /// `json`: one object, or an array of those that followed each other. `terms` outlives it.
  usage_object(const dialect& terms, std::string_view json);

  /// The counters of its top level.
  normal_form used() const { return members_.counted(); }
  /// False: it is no JSON, or counts nothing.
  bool understood() const { return understood_ && members_.has_usage(); }
  const std::string& type() const { return members_.name(member::type); }
  const std::string& model() const { return members_.name(member::model); }

 private:
  answer_members members_;
  bool understood_;
};

/// Calls `look` with each element of the arrays at `lists` ({"iterations[*]", tag, selection::verbatim}), as it was
/// sent, and the tag of its array. `mark` is a text that stands wherever there is such an element: most objects have
/// none.
void for_each_element(std::string_view json, std::string_view mark, const json_paths& lists,
                      const std::function<void(int tag, std::string_view element)>& look);

/// The last object of an array of objects; of one object, itself.
std::string last_object(std::string_view json);

/// One element of a list of counts: {"modality":"AUDIO","tokenCount":7}, {"ttl":"1h","inputTokens":7}.
struct token_share {
  std::string modality;  // or how long it lasts
  std::int64_t tokens = 0;
};

token_share token_share_of(std::string_view json);

}  // namespace usage
