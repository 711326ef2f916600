#include "app/rewrite/json_lines.hpp"

#include "app/rewrite/json_document.hpp"

namespace app::rewrite {
namespace {

void new_line(std::string& out, std::size_t depth) {
  out.append("\n").append(2 * depth, ' ');
}

void append_value(std::string& out, std::string_view value, std::size_t depth) {
  if (value.front() != '{' && value.front() != '[') {
    out += value;
    return;
  }
  out += value.front();
  bool any = false;
  for (json_entries entries(value, 0); entries.next(); any = true) {
    if (any) out += ',';
    new_line(out, depth + 1);
    if (entries.object()) out.append(entries.name()).append(": ");
    append_value(out, entries.value(), depth + 1);
  }
  if (any) new_line(out, depth);
  out += value.back();
}

}  // namespace

std::string json_lines(std::string_view json) {
  std::string out;
  const auto whole = value_at(json, {});
  append_value(out, *whole, 0);
  return out + '\n';
}

}  // namespace app::rewrite
