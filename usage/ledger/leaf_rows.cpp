#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "usage/ledger/page_file.hpp"

namespace usage {
namespace {

constexpr std::uint64_t longest_row = 64u << 20;  // bytes; a row that claims more is damaged

/// Reads forward. Each read says whether enough bytes were left.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 9 && i < left_.size(); ++i) {
      const std::uint8_t byte = left_[i];
      value = i == 8 ? value << 8 | byte : value << 7 | (byte & 0x7f);
      if (i != 8 && (byte & 0x80) != 0) continue;
      left_ = left_.subspan(i + 1);
      return value;
    }
    return std::nullopt;
  }
  std::optional<std::span<const std::uint8_t>> take(std::size_t size) {
    if (size > left_.size()) return std::nullopt;
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  std::span<const std::uint8_t> left() const { return left_; }

 private:
  std::span<const std::uint8_t> left_;
};

std::uint32_t number_of_page(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

/// How many of a row's `size` bytes are in the page itself. The rest is in overflow pages.
std::size_t local_size(std::uint64_t size, std::size_t usable) {
  const std::size_t most = usable - 35;
  if (size <= most) return static_cast<std::size_t>(size);
  const std::size_t least = (usable - 12) * 32 / 255 - 23;
  const std::size_t fitting = least + static_cast<std::size_t>((size - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}

bool append_overflow(const page_file& file, std::uint32_t page, std::uint64_t size, page_bytes& record) {
  page_bytes bytes;
  while (record.size() < size) {
    if (page == 0 || !file.read(page, bytes)) return false;
    const std::size_t wanted = std::min<std::uint64_t>(size - record.size(), file.usable() - 4);
    if (bytes.size() < 4 + wanted) return false;
    record.insert(record.end(), bytes.begin() + 4, bytes.begin() + 4 + static_cast<std::ptrdiff_t>(wanted));
    page = number_of_page(bytes.data());
  }
  return true;
}

std::int64_t big_integer(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return static_cast<std::int64_t>(value);
}

/// The value of a serial type; nullopt: there is no such type, or too few bytes.
std::optional<cell> value_of(std::uint64_t type, byte_reader& body) {
  constexpr std::size_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type == 10 || type == 11) return std::nullopt;
  const std::uint64_t size = type >= 12 ? (type - 12) / 2 : sizes[type];
  if (size > longest_row) return std::nullopt;
  const auto bytes = body.take(static_cast<std::size_t>(size));
  if (!bytes) return std::nullopt;
  if (type == 0) return cell();
  if (type == 8 || type == 9) return cell(static_cast<std::int64_t>(type - 8));
  if (type == 7) return cell(std::bit_cast<double>(big_integer(*bytes)));
  if (type < 7) return cell(big_integer(*bytes));
  return cell(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

std::optional<std::vector<cell>> values_of(std::span<const std::uint8_t> record) {
  byte_reader whole(record);
  const auto header_size = whole.varint();
  if (!header_size || *header_size > record.size()) return std::nullopt;
  const std::size_t read = record.size() - whole.left().size();
  if (*header_size < read) return std::nullopt;
  byte_reader header(record.subspan(read, static_cast<std::size_t>(*header_size) - read));
  byte_reader body(record.subspan(static_cast<std::size_t>(*header_size)));
  std::vector<cell> values;
  while (!header.left().empty()) {
    const auto type = header.varint();
    auto value = type ? value_of(*type, body) : std::nullopt;
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

std::optional<table_row> row_at(const page_file& file, std::span<const std::uint8_t> from) {
  byte_reader at(from);
  const auto size = at.varint();
  const auto id = at.varint();
  if (!size || !id || *size == 0 || *size > longest_row) return std::nullopt;
  const auto local = at.take(local_size(*size, file.usable()));
  if (!local) return std::nullopt;
  page_bytes record(local->begin(), local->end());
  if (record.size() < *size) {
    const auto next = at.take(4);
    if (!next || !append_overflow(file, number_of_page(next->data()), *size, record)) return std::nullopt;
  }
  auto values = values_of(record);
  if (!values) return std::nullopt;
  return table_row{static_cast<std::int64_t>(*id), std::move(*values)};
}

}  // namespace

std::vector<table_row> rows_of_leaf(const page_file& file, std::uint32_t number, const page_bytes& page) {
  constexpr std::uint8_t table_leaf = 13;
  constexpr std::size_t header = 8;
  const std::size_t start = number == 1 ? 100 : 0;  // the file's own header
  std::vector<table_row> rows;
  if (page.size() < start + header || page[start] != table_leaf) return rows;
  const std::size_t cells = static_cast<std::size_t>(page[start + 3]) << 8 | page[start + 4];
  const std::span<const std::uint8_t> bytes(page.data(), std::min(page.size(), file.usable()));
  for (std::size_t i = 0; i < cells && start + header + 2 * i + 1 < bytes.size(); ++i) {
    const std::size_t pointer = start + header + 2 * i;
    const std::size_t at = static_cast<std::size_t>(bytes[pointer]) << 8 | bytes[pointer + 1];
    if (at < start + header || at >= bytes.size()) continue;
    if (auto row = row_at(file, bytes.subspan(at))) rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace usage
