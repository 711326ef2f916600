// A text gives the same events and the same verdict whole and in pieces of any size, and never more than the limit.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "usage/json/json_scanner.hpp"

namespace {

using usage::json_scanner;

constexpr std::size_t limit = 64;

class recorder final : public json_scanner::sink {
 public:
  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override {
    note(tag, static_cast<char>('0' + static_cast<int>(kind)), text);
  }
  void on_verbatim(int tag, std::string_view json) override { note(tag, 'v', json); }

  std::string seen;

 private:
  void note(int tag, char kind, std::string_view text) {
    if (text.size() > limit) std::abort();
    seen += static_cast<char>('0' + tag);
    seen += kind;
    seen.append(text).push_back('\0');
  }
};

/// Joins the pieces. Never more closes than opens.
class watcher final : public usage::json_watcher {
 public:
  void on_begin(int) override { note('<'); }
  void on_open(bool object) override {
    ++open_;
    note(object ? '{' : '[');
  }
  void on_close() override {
    if (open_-- == 0) std::abort();
    note(')');
  }
  void on_name(std::string_view part) override { seen += part; }
  void on_name_end() override { note(':'); }
  void on_text(std::string_view part) override { seen += part; }
  void on_text_end() override { note(';'); }
  void on_end() override {
    if (open_ != 0) std::abort();
    note('>');
  }

  std::string seen;

 private:
  void note(char what) { (seen += '\0') += what; }
  std::size_t open_ = 0;
};

std::string scan(std::string_view text, std::size_t size) {
  static const usage::json_paths paths{
      {"a", 1},     {"a.b", 2},  {"a", 3, usage::selection::verbatim}, {"a.c[*].d", 4},
      {"e.f.a", 5}, {"c[*]", 6}, {"f", 7, usage::selection::watched},
  };
  recorder found;
  watcher watched;
  json_scanner scanner(paths, found, limit, &watched);
  bool fed = true;
  for (std::size_t at = 0; at < text.size(); at += size) fed = scanner.feed(std::string(text.substr(at, size)));
  const bool ended = scanner.finish();
  // A text that fails is passed on as far as its piece was read.
  const std::string inside = fed ? watched.seen : std::string();
  return found.seen + inside + (fed ? "+" : "-") + (ended ? "." : "!");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string expected = scan(text, text.size() + 1);
  for (const std::size_t piece : {1, 2, 7})
    if (scan(text, piece) != expected) std::abort();
  return 0;
}
