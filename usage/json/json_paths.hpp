#pragma once

// The members that a json_scanner looks for, as a small tree: made once per kind of document, shared by all scanners.
//
//   {"response.usageMetadata.promptTokenCount", tag}   a scalar member of nested objects
//   {"error.details[*].reason", tag}                   of every element of an array
//   {"usage", tag, selection::verbatim}                the whole object or array as it was sent
//   {"messages", tag, selection::watched}              whatever it is, piece by piece, to the json_watcher

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usage {

/// A watched path is selected in no other way, and no path leads through it.
enum class selection : std::uint8_t { scalar, verbatim, watched };

struct json_path {
  std::string_view text;
  std::uint8_t tag;  // passed to the sink; several paths may share one
  selection how = selection::scalar;
};

class json_paths {
 public:
  using node = std::uint16_t;
  static constexpr node root = 0;
  static constexpr node none = 0xffff;
  /// Members of the longest path, root included.
  static constexpr std::size_t max_length = 8;
  static constexpr int no_tag = -1;

  json_paths(std::initializer_list<json_path> paths) : json_paths(std::span(paths.begin(), paths.size())) {}
  explicit json_paths(std::span<const json_path> paths);

  /// Adds the paths below the object at `prefix`; all below the root if it is empty.
  void add(std::string_view prefix, std::span<const json_path> paths);

  /// The node of that member below `parent`, or none.
  node member(node parent, std::string_view name) const noexcept;
  /// The node of the elements of the array at `parent`, or none.
  node element(node parent) const noexcept { return branches_[parent].element; }
  bool is_leaf(node at) const noexcept { return branches_[at].first == none && branches_[at].element == none; }
  int scalar_tag(node at) const noexcept { return branches_[at].scalar; }
  int verbatim_tag(node at) const noexcept { return branches_[at].verbatim; }
  int watched_tag(node at) const noexcept { return branches_[at].watched; }

 private:
  struct branch {
    std::string name;
    node first = none;    // first member below
    node next = none;     // next member of the same parent
    node element = none;  // elements, if this is an array
    std::int16_t scalar = no_tag;
    std::int16_t verbatim = no_tag;
    std::int16_t watched = no_tag;
  };

  void add(node at, std::size_t length, const json_path& path);
  node walk(node at, std::string_view steps, std::size_t& length);
  node grow(node parent, std::string_view name);
  node grow_element(node parent);

  std::vector<branch> branches_;
};

}  // namespace usage
