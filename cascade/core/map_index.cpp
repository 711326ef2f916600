#include "cascade/core/map_index.hpp"

#include <memory>

namespace cascade {

using google::protobuf::FieldDescriptor;

map_index::map_index(message& target, const field& map) : target_(target), map_(map) {
  const auto& reflection = *target_.GetReflection();
  const int size = reflection.FieldSize(target_, &map_);
  index_.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) index_.emplace(key_of(reflection.GetRepeatedMessage(target_, &map_, i)), i);
}

std::string map_index::key_of(const message& entry) const {
  const auto& reflection = *entry.GetReflection();
  switch (key().cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(entry, &key()));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(entry, &key()));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(entry, &key()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection.GetUInt64(entry, &key()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(entry, &key()) ? "1" : "0";
    default:
      return reflection.GetString(entry, &key());
  }
}

map_index::message& map_index::find_or_add(const message& probe) {
  const auto& reflection = *target_.GetReflection();
  const int end = reflection.FieldSize(target_, &map_);
  const auto [found, added] = index_.emplace(key_of(probe), end);
  if (!added) return *reflection.MutableRepeatedMessage(&target_, &map_, found->second);
  message& entry = *reflection.AddMessage(&target_, &map_);
  entry.CopyFrom(probe);
  return entry;
}

void map_index::erase(const message& probe) {
  const auto found = index_.find(key_of(probe));
  if (found == index_.end()) return;
  const auto& reflection = *target_.GetReflection();
  const int last = reflection.FieldSize(target_, &map_) - 1;
  index_[key_of(reflection.GetRepeatedMessage(target_, &map_, last))] = found->second;
  reflection.SwapElements(&target_, &map_, found->second, last);
  const std::unique_ptr<message> freed(reflection.ReleaseLast(&target_, &map_));
  index_.erase(found);
}

}  // namespace cascade
