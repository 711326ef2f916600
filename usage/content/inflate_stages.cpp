#include <zlib.h>

#include <algorithm>
#include <new>

#include "usage/content/content_stages.hpp"

namespace usage {
namespace {

constexpr int largest_window = 15;
constexpr int gzip_window = largest_window + 16;  // zlib's way to ask for the gzip wrapper

enum class progress : std::uint8_t { more, ended };

/// A zlib inflater and its output.
class inflater {
 public:
  inflater(int window, decode_budget& budget) : output_(budget) {
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
  }
  ~inflater() { inflateEnd(&stream_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  void restart() { inflateReset(&stream_); }
  void restart(int window) { inflateReset2(&stream_, window); }

  /// Uses a prefix of `input`: all of it, or up to the end of the compressed stream.
  result<progress> run(std::string_view& input, content_decoder::sink& out);

 private:
  z_stream stream_{};
  stage_output output_;
};

result<progress> inflater::run(std::string_view& input, content_decoder::sink& out) {
  constexpr std::size_t most = 1u << 30;  // zlib counts in 32 bits
  for (;;) {
    const std::size_t offered = std::min(input.size(), most);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(output_.begin());
    stream_.avail_out = static_cast<uInt>(output_.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(offered - stream_.avail_in);
    const std::size_t produced = output_.size() - stream_.avail_out;
    if (auto sent = output_.flush(produced, out); sent.has_error()) return sent.error();
    if (code == Z_STREAM_END) return progress::ended;
    if (code != Z_OK && code != Z_BUF_ERROR) return errc::malformed;
    if (input.empty() && stream_.avail_out != 0) return progress::more;
  }
}

class gzip_stage final : public content_decoder::stage {
 public:
  explicit gzip_stage(decode_budget& budget) : inflater_(gzip_window, budget) {}

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    while (!input.empty()) {
      if (!open_ && seen_) skip_padding(input);
      if (input.empty()) break;
      open_ = seen_ = true;
      const auto state = inflater_.run(input, out);
      if (state.has_error()) return state.error();
      if (*state == progress::more) continue;
      inflater_.restart();
      open_ = false;
    }
    return {};
  }

  result<void> finish() override {
    if (open_) return errc::truncated;
    return {};
  }

 private:
  // Between members and after the last one, zero bytes are padding (as gzip itself takes them).
  static void skip_padding(std::string_view& input) {
    input.remove_prefix(std::min(input.find_first_not_of('\0'), input.size()));
  }

  inflater inflater_;
  bool seen_ = false;
  bool open_ = false;  // inside a member
};

class deflate_stage final : public content_decoder::stage {
 public:
  explicit deflate_stage(decode_budget& budget) : inflater_(largest_window, budget) {}

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    while (start_size_ < start_.size() && !input.empty()) {
      start_[start_size_++] = input.front();
      input.remove_prefix(1);
      if (start_size_ < start_.size()) continue;
      if (!has_zlib_header()) inflater_.restart(-largest_window);
      if (auto verdict = run({start_.data(), start_.size()}, out); verdict.has_error()) return verdict;
    }
    return run(input, out);
  }

  result<void> finish() override {
    if (start_size_ != 0 && !ended_) return errc::truncated;
    return {};
  }

 private:
  bool has_zlib_header() const noexcept {
    const auto first = static_cast<unsigned char>(start_[0]);
    const auto second = static_cast<unsigned char>(start_[1]);
    return (first & 0x0f) == Z_DEFLATED && (first >> 4) <= 7 && (first << 8 | second) % 31 == 0;
  }

  result<void> run(std::string_view input, content_decoder::sink& out) {
    if (input.empty()) return {};
    if (ended_) return errc::malformed;
    const auto state = inflater_.run(input, out);
    if (state.has_error()) return state.error();
    ended_ = *state == progress::ended;
    if (!input.empty()) return errc::malformed;
    return {};
  }

  inflater inflater_;
  std::array<char, 2> start_{};  // decides between zlib and raw deflate
  std::size_t start_size_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<content_decoder::stage> make_gzip_stage(decode_budget& budget) {
  return std::make_unique<gzip_stage>(budget);
}

std::unique_ptr<content_decoder::stage> make_deflate_stage(decode_budget& budget) {
  return std::make_unique<deflate_stage>(budget);
}

}  // namespace usage
