#pragma once

// A message with every kind of field there is, singular, repeated and in maps, made at run time: no message of the
// language server holds them all.
//
//   field number = the kind's number in descriptor.proto; repeated + 100; map<string, kind> + 200; maps by other keys
//   from 300; oneof members 401 (int32), 402 (string), 403 (message); a message field is of the same type

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <random>
#include <string>

namespace support {

class every_kind {
 public:
  using message = google::protobuf::Message;
  using field = google::protobuf::FieldDescriptor;

  static constexpr int repeated = 100;
  static constexpr int map = 200;
  static constexpr int oneof_number = 401;
  static constexpr int oneof_text = 402;
  static constexpr int oneof_message = 403;

  every_kind() {
    google::protobuf::FileDescriptorProto file;
    file.set_name("every_kind.proto");
    file.set_syntax("proto3");
    auto& values = *file.add_enum_type();
    values.set_name("Known");
    add_enumerator(values, "NONE", 0);
    add_enumerator(values, "SOME", 1);
    describe(*file.add_message_type());
    type_ = pool_.BuildFile(file)->message_type(0);
  }

  std::unique_ptr<message> make() { return std::unique_ptr<message>(factory_.GetPrototype(type_)->New()); }
  const field& at(int number) const { return *type_->FindFieldByNumber(number); }
  const google::protobuf::Descriptor& type() const { return *type_; }

 private:
  static void add_enumerator(google::protobuf::EnumDescriptorProto& to, const char* name, int number) {
    auto& value = *to.add_value();
    value.set_name(name);
    value.set_number(number);
  }

  static google::protobuf::FieldDescriptorProto& add(google::protobuf::DescriptorProto& to, std::string name,
                                                     int number, field::Type type) {
    auto& added = *to.add_field();
    added.set_name(std::move(name));
    added.set_number(number);
    added.set_type(static_cast<google::protobuf::FieldDescriptorProto::Type>(type));
    added.set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    if (type == field::TYPE_MESSAGE) added.set_type_name(".Every");
    if (type == field::TYPE_ENUM) added.set_type_name(".Known");
    return added;
  }

  static void add_map(google::protobuf::DescriptorProto& to, int number, field::Type key, field::Type value) {
    auto& entry = *to.add_nested_type();
    entry.set_name("M" + std::to_string(number) + "Entry");
    entry.mutable_options()->set_map_entry(true);
    add(entry, "key", 1, key);
    add(entry, "value", 2, value);
    auto& list = add(to, "m" + std::to_string(number), number, field::TYPE_MESSAGE);
    list.set_type_name(".Every." + entry.name());
    list.set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
  }

  static void describe(google::protobuf::DescriptorProto& every) {
    every.set_name("Every");
    for (int type = 1; type <= field::MAX_TYPE; ++type) {
      if (type == field::TYPE_GROUP) continue;
      const auto kind = static_cast<field::Type>(type);
      add(every, "s" + std::to_string(type), type, kind);
      add(every, "r" + std::to_string(type), repeated + type, kind)
          .set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
      add_map(every, map + type, field::TYPE_STRING, kind);
    }
    for (const auto key :
         {field::TYPE_INT32, field::TYPE_INT64, field::TYPE_UINT32, field::TYPE_UINT64, field::TYPE_BOOL}) {
      add_map(every, 300 + key, key, field::TYPE_STRING);
    }
    every.add_oneof_decl()->set_name("choice");
    add(every, "choice_number", oneof_number, field::TYPE_INT32).set_oneof_index(0);
    add(every, "choice_text", oneof_text, field::TYPE_STRING).set_oneof_index(0);
    add(every, "choice_message", oneof_message, field::TYPE_MESSAGE).set_oneof_index(0);
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Descriptor* type_ = nullptr;
};

/// Changes some of any message's fields to random values, small ones so that lists and keys meet again.
class message_mutator {
 public:
  explicit message_mutator(unsigned seed) : random_(seed) {}

  void mutate(google::protobuf::Message& target, int depth = 0) {
    const int fields = target.GetDescriptor()->field_count();
    if (fields == 0) return;
    for (unsigned changes = 1 + random_() % 6; changes > 0; --changes) {
      mutate_field(target, *target.GetDescriptor()->field(static_cast<int>(random_() % static_cast<unsigned>(fields))),
                   depth);
    }
  }

 private:
  using message = google::protobuf::Message;
  using field = google::protobuf::FieldDescriptor;
  static constexpr int max_depth = 3;

  void mutate_field(message& target, const field& at, int depth) {
    const auto& r = *target.GetReflection();
    if (random_() % 6 == 0) return r.ClearField(&target, &at);
    if (at.is_map()) return mutate_map(target, at, depth);
    if (!at.is_repeated()) return set(target, at, -1, depth);
    const int size = r.FieldSize(target, &at);
    if (size > 0 && random_() % 4 == 0) return r.RemoveLast(&target, &at);
    if (size > 0 && random_() % 2 == 0) {
      return set(target, at, static_cast<int>(random_() % static_cast<unsigned>(size)), depth);
    }
    add(target, at, depth);
  }

  void mutate_map(message& target, const field& at, int depth) {
    const auto& r = *target.GetReflection();
    const std::unique_ptr<message> entry(r.GetMessageFactory()->GetPrototype(at.message_type())->New());
    set(*entry, *at.message_type()->map_key(), -1, depth);
    const std::string key = entry->SerializeAsString();
    for (int i = 0; i < r.FieldSize(target, &at); ++i) {
      message& existing = *r.MutableRepeatedMessage(&target, &at, i);
      if (same_key(existing, *entry, *at.message_type()->map_key())) {
        return set(existing, *at.message_type()->map_value(), -1, depth);
      }
    }
    message& added = *r.AddMessage(&target, &at);
    added.CopyFrom(*entry);
    set(added, *at.message_type()->map_value(), -1, depth);
  }

  static bool same_key(const message& a, const message& b, const field& key) {
    const auto& r = *a.GetReflection();
    switch (key.cpp_type()) {
      case field::CPPTYPE_INT32:
        return r.GetInt32(a, &key) == r.GetInt32(b, &key);
      case field::CPPTYPE_INT64:
        return r.GetInt64(a, &key) == r.GetInt64(b, &key);
      case field::CPPTYPE_UINT32:
        return r.GetUInt32(a, &key) == r.GetUInt32(b, &key);
      case field::CPPTYPE_UINT64:
        return r.GetUInt64(a, &key) == r.GetUInt64(b, &key);
      case field::CPPTYPE_BOOL:
        return r.GetBool(a, &key) == r.GetBool(b, &key);
      default:
        return r.GetString(a, &key) == r.GetString(b, &key);
    }
  }

  void add(message& target, const field& at, int depth) {
    const auto& r = *target.GetReflection();
    switch (at.cpp_type()) {
      case field::CPPTYPE_INT32:
        return r.AddInt32(&target, &at, number());
      case field::CPPTYPE_INT64:
        return r.AddInt64(&target, &at, number());
      case field::CPPTYPE_UINT32:
        return r.AddUInt32(&target, &at, random_() % 9);
      case field::CPPTYPE_UINT64:
        return r.AddUInt64(&target, &at, random_() % 9);
      case field::CPPTYPE_DOUBLE:
        return r.AddDouble(&target, &at, number() / 4.0);
      case field::CPPTYPE_FLOAT:
        return r.AddFloat(&target, &at, static_cast<float>(number()) / 4);
      case field::CPPTYPE_BOOL:
        return r.AddBool(&target, &at, random_() % 2 == 0);
      case field::CPPTYPE_ENUM:
        return r.AddEnumValue(&target, &at, number());
      case field::CPPTYPE_STRING:
        return r.AddString(&target, &at, text());
      case field::CPPTYPE_MESSAGE: {
        message& added = *r.AddMessage(&target, &at);
        if (depth < max_depth) mutate(added, depth + 1);
      }
    }
  }

  void set(message& target, const field& at, int i, int depth) {
    const auto& r = *target.GetReflection();
    const bool one = i < 0;
    switch (at.cpp_type()) {
      case field::CPPTYPE_INT32:
        return one ? r.SetInt32(&target, &at, number()) : r.SetRepeatedInt32(&target, &at, i, number());
      case field::CPPTYPE_INT64:
        return one ? r.SetInt64(&target, &at, number()) : r.SetRepeatedInt64(&target, &at, i, number());
      case field::CPPTYPE_UINT32:
        return one ? r.SetUInt32(&target, &at, random_() % 9) : r.SetRepeatedUInt32(&target, &at, i, random_() % 9);
      case field::CPPTYPE_UINT64:
        return one ? r.SetUInt64(&target, &at, random_() % 9) : r.SetRepeatedUInt64(&target, &at, i, random_() % 9);
      case field::CPPTYPE_DOUBLE:
        return one ? r.SetDouble(&target, &at, number() / 4.0) : r.SetRepeatedDouble(&target, &at, i, number() / 4.0);
      case field::CPPTYPE_FLOAT: {
        const float value = static_cast<float>(number()) / 4;
        return one ? r.SetFloat(&target, &at, value) : r.SetRepeatedFloat(&target, &at, i, value);
      }
      case field::CPPTYPE_BOOL:
        return one ? r.SetBool(&target, &at, random_() % 2 == 0)
                   : r.SetRepeatedBool(&target, &at, i, random_() % 2 == 0);
      case field::CPPTYPE_ENUM:
        return one ? r.SetEnumValue(&target, &at, number()) : r.SetRepeatedEnumValue(&target, &at, i, number());
      case field::CPPTYPE_STRING:
        return one ? r.SetString(&target, &at, text()) : r.SetRepeatedString(&target, &at, i, text());
      case field::CPPTYPE_MESSAGE: {
        message& inner = one ? *r.MutableMessage(&target, &at) : *r.MutableRepeatedMessage(&target, &at, i);
        if (depth < max_depth) mutate(inner, depth + 1);
      }
    }
  }

  std::int32_t number() { return static_cast<std::int32_t>(random_() % 9) - 4; }

  std::string text() {
    static constexpr const char* words[] = {"", "a", "ab", "abc", "grüße", "日本", "🙂"};
    return words[random_() % std::size(words)];
  }

  std::mt19937 random_;
};

}  // namespace support
