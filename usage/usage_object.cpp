#include "usage/usage_object.hpp"

#include <utility>

#include "net/text/decimal.hpp"
#include "usage/json/json_paths.hpp"
#include "usage/json/json_scanner.hpp"

namespace usage {
namespace {

constexpr std::size_t max_element = 64 * 1024;  // bytes of an element that is looked at

bool scan(const json_paths& paths, json_scanner::sink& found, std::string_view json) {
  json_scanner scanner(paths, found, max_element);
  return scanner.feed(json) && scanner.finish();
}

class elements final : public json_scanner::sink {
 public:
  explicit elements(const std::function<void(int, std::string_view)>& look) : look_(look) {}
  void on_scalar(int, json_scanner::scalar, std::string_view) override {}
  void on_verbatim(int tag, std::string_view json) override { look_(tag, json); }

 private:
  const std::function<void(int, std::string_view)>& look_;
};

class share_reader final : public json_scanner::sink {
 public:
  enum : std::uint8_t { modality, tokens };

  void on_scalar(int tag, json_scanner::scalar, std::string_view text) override {
    if (tag == modality) share.modality.assign(text);
    if (tag == tokens) share.tokens = net::text::parse_count(text).value_or(0);
  }
  void on_verbatim(int, std::string_view) override {}

  token_share share;
};

}  // namespace

usage_object::usage_object(const dialect& terms, std::string_view json)
    : members_(terms), understood_(scan(terms.objects, members_, json)) {}

void for_each_element(std::string_view json, std::string_view mark, const json_paths& lists,
                      const std::function<void(int, std::string_view)>& look) {
  if (json.find(mark) == json.npos) return;
  elements found(look);
  scan(lists, found, json);
}

std::string last_object(std::string_view json) {
  static const json_paths lists{{"all[*]", 0, selection::verbatim}};
  if (!json.starts_with('[')) return std::string(json);
  std::string last;
  for_each_element("{\"all\":" + std::string(json) + "}", "all", lists,
                   [&](int, std::string_view each) { last.assign(each); });
  return last;
}

token_share token_share_of(std::string_view json) {
  static const json_paths paths{{"modality", share_reader::modality},
                                {"ttl", share_reader::modality},
                                {"tokenCount", share_reader::tokens},
                                {"tokens", share_reader::tokens},
                                {"inputTokens", share_reader::tokens}};
  share_reader reader;
  scan(paths, reader, json);
  return std::move(reader.share);
}

}  // namespace usage
