#include "usage/ledger/page_file.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace usage {
namespace {

constexpr std::size_t log_header = 32;
constexpr std::size_t frame_header = 24;

std::uint32_t big_endian(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

bool is_page_size(std::size_t size) {
  return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

bool read_at(int file, std::uint64_t offset, std::span<std::uint8_t> into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const ssize_t more = ::pread(file, into.data() + got, into.size() - got, static_cast<off_t>(offset + got));
    if (more <= 0) return false;
    got += static_cast<std::size_t>(more);
  }
  return true;
}

/// The log's running checksum: two words over eight bytes at a time.
class log_checksum {
 public:
  explicit log_checksum(bool big) : big_(big) {}

  void add(std::span<const std::uint8_t> bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first_ += word(bytes.data() + at) + second_;
      second_ += word(bytes.data() + at + 4) + first_;
    }
  }
  bool is(const std::uint8_t* stored) const {
    return big_endian(stored) == first_ && big_endian(stored + 4) == second_;
  }

 private:
  std::uint32_t word(const std::uint8_t* at) const {
    const std::uint32_t value = big_endian(at);
    return big_ ? value : __builtin_bswap32(value);
  }

  bool big_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

}  // namespace

std::optional<page_file> page_file::open(const std::filesystem::path& path) {
  page_file opened;
  opened.file_ = net::descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat found{};
  if (opened.file_.get() < 0 || ::fstat(opened.file_.get(), &found) != 0 || !S_ISREG(found.st_mode))
    return std::nullopt;
  std::array<std::uint8_t, 100> head{};
  if (read_at(opened.file_.get(), 0, head) && std::memcmp(head.data(), "SQLite format 3", 16) == 0) {
    const std::size_t said = static_cast<std::size_t>(head[16]) << 8 | head[17];
    const std::size_t size = said == 1 ? 65536 : said;
    if (is_page_size(size)) opened.page_size_ = size;
    if (head[20] < opened.page_size_ - 480) opened.reserved_ = head[20];
  }
  // A truncated page is read as far as it goes.
  const auto bytes = static_cast<std::uint64_t>(found.st_size);
  opened.pages_ = static_cast<std::uint32_t>((bytes + opened.page_size_ - 1) / opened.page_size_);
  opened.read_log(log_of(path));
  return opened;
}

/// The frames up to the last commit, as long as checksums are correct.
void page_file::read_log(const std::filesystem::path& path) {
  log_ = net::descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::array<std::uint8_t, log_header> head{};
  if (log_.get() < 0 || !read_at(log_.get(), 0, head)) return;
  const std::uint32_t magic = big_endian(head.data());
  if ((magic & ~1u) != 0x377f0682 || !is_page_size(big_endian(head.data() + 8))) return;
  log_checksum sum((magic & 1) != 0);
  sum.add(std::span(head).first(24));
  if (!sum.is(head.data() + 24)) return;
  page_size_ = big_endian(head.data() + 8);
  std::unordered_map<std::uint32_t, std::uint64_t> uncommitted;
  std::vector<std::uint8_t> frame(frame_header + page_size_);
  for (std::uint64_t at = log_header; read_at(log_.get(), at, frame); at += frame.size()) {
    if (std::memcmp(frame.data() + 8, head.data() + 16, 8) != 0)
      break;  // a frame from before the log was restarted has other salts
    sum.add(std::span(frame).first(8));
    sum.add(std::span(frame).subspan(frame_header));
    if (!sum.is(frame.data() + 16)) break;
    uncommitted[big_endian(frame.data())] = at + frame_header;
    const std::uint32_t pages_after = big_endian(frame.data() + 4);
    if (pages_after == 0) continue;
    for (const auto& [page, where] : uncommitted) in_log_[page] = where;
    uncommitted.clear();
    pages_ = pages_after;
  }
}

bool page_file::read(std::uint32_t number, page_bytes& page) const {
  if (number == 0 || number > pages_) return false;
  page.assign(page_size_, 0);
  if (const auto found = in_log_.find(number); found != in_log_.end()) return read_at(log_.get(), found->second, page);
  const std::uint64_t offset = (std::uint64_t{number} - 1) * page_size_;
  const ssize_t got = ::pread(file_.get(), page.data(), page.size(), static_cast<off_t>(offset));
  page.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return got > 0;
}

std::unordered_set<std::uint32_t> page_file::free_pages() const {
  std::unordered_set<std::uint32_t> found;
  page_bytes page;
  if (!read(1, page) || page.size() < page_size_ || std::memcmp(page.data(), "SQLite format 3", 16) != 0) return found;
  for (std::uint32_t trunk = big_endian(page.data() + 32); trunk != 0 && trunk <= pages_;) {
    if (!found.insert(trunk).second || !read(trunk, page) || page.size() < page_size_) break;
    const std::uint32_t leaves = big_endian(page.data() + 4);
    if (leaves > page_size_ / 4 - 2) break;
    for (std::uint32_t i = 0; i < leaves; ++i) found.insert(big_endian(page.data() + 8 + std::size_t{4} * i));
    trunk = big_endian(page.data());
  }
  return found;
}

}  // namespace usage
