#pragma once

// Where programs of this machine keep CAs of their own, beside the system's bundle: Java's stores, and the bundles of
// Python's certifi. They know no variable for another file, or a program may pass over it. In a run's mount namespace
// its bundles take their places. Found by their usual paths; no program is started.

#include <filesystem>
#include <string>
#include <vector>

namespace app::run {

/// Further places are left as they are.
inline constexpr std::size_t max_trust_places = 64;

/// Regular files, each once and without links.
struct trust_places {
  std::vector<std::filesystem::path> java;
  std::vector<std::filesystem::path> certifi;
};

/// `command`: the first word of the command, which may name a program of a virtual environment. Reads PATH, HOME,
/// JAVA_HOME, VIRTUAL_ENV, CONDA_PREFIX and the working directory. `root`: where the system's folders are, for tests.
trust_places find_trust_places(const std::string& command, const std::filesystem::path& root = "/");

/// The value of JAVA_TOOL_OPTIONS that makes a Java trust the store, beside what it holds already. Empty: leave it,
/// since it names a store.
std::string java_options(const std::string& before, const std::filesystem::path& store);

}  // namespace app::run
