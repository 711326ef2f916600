#pragma once

// Finds the entries of a map field by key while a diff is applied. Reflection shows a map as a list of entries, in
// which looking up every key would take quadratic time.

#include <string>
#include <unordered_map>

#include "proto/reactive_component.pb.h"

namespace cascade {

class map_index {
 public:
  using message = google::protobuf::Message;
  using field = google::protobuf::FieldDescriptor;

  map_index(message& target, const field& map);

  const field& key() const { return *map_.message_type()->map_key(); }
  const field& value() const { return *map_.message_type()->map_value(); }

  /// The entry with the key that `probe` holds, added if there is none. Valid until the next call.
  message& find_or_add(const message& probe);
  void erase(const message& probe);

 private:
  std::string key_of(const message& entry) const;

  message& target_;
  const field& map_;
  std::unordered_map<std::string, int> index_;
};

}  // namespace cascade
