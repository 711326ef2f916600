#include "usage/json/json_paths.hpp"

#include <cassert>

namespace usage {
namespace {

constexpr std::string_view every_element = "[*]";

std::string_view cut_step(std::string_view& path) {
  const std::string_view step = path.substr(0, path.find('.'));
  path.remove_prefix(step.size() == path.size() ? step.size() : step.size() + 1);
  return step;
}

}  // namespace

json_paths::json_paths(std::span<const json_path> paths) : branches_(1) {
  add({}, paths);
}

void json_paths::add(std::string_view prefix, std::span<const json_path> paths) {
  std::size_t length = 1;
  const node at = walk(root, prefix, length);
  for (const json_path& path : paths) add(at, length, path);
}

json_paths::node json_paths::member(node parent, std::string_view name) const noexcept {
  for (node at = branches_[parent].first; at != none; at = branches_[at].next)
    if (branches_[at].name == name) return at;
  return none;
}

void json_paths::add(node at, std::size_t length, const json_path& path) {
  const node end = walk(at, path.text, length);
  assert(length <= max_length);
  switch (path.how) {
    case selection::scalar:
      branches_[end].scalar = path.tag;
      break;
    case selection::verbatim:
      branches_[end].verbatim = path.tag;
      break;
    case selection::watched:
      branches_[end].watched = path.tag;
      break;
  }
}

json_paths::node json_paths::walk(node at, std::string_view steps, std::size_t& length) {
  while (!steps.empty()) {
    std::string_view step = cut_step(steps);
    const bool array = step.ends_with(every_element);
    if (array) step.remove_suffix(every_element.size());
    at = grow(at, step);
    if (array) at = grow_element(at);
    length += array ? 2 : 1;
  }
  return at;
}

json_paths::node json_paths::grow(node parent, std::string_view name) {
  if (const node known = member(parent, name); known != none) return known;
  const auto made = static_cast<node>(branches_.size());
  branches_.push_back({.name = std::string(name), .next = branches_[parent].first});
  branches_[parent].first = made;
  return made;
}

json_paths::node json_paths::grow_element(node parent) {
  if (branches_[parent].element == none) {
    const auto made = static_cast<node>(branches_.size());
    branches_.emplace_back();
    branches_[parent].element = made;
  }
  return branches_[parent].element;
}

}  // namespace usage
