#include "app/base/program_place.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace app {
namespace {

namespace fs = std::filesystem;

struct program_place : testing::Test {
  fs::path root = fs::temp_directory_path() / ("zerogravity-place-" + std::to_string(::getpid()));
  fs::path tree = root / "tree";

  program_place() {
    fs::create_directories(tree / "scripts");
    fs::create_directories(tree / "app/scope");
    std::ofstream(tree / "scripts/run") << "";
  }
  ~program_place() override { fs::remove_all(root); }
};

TEST_F(program_place, in_its_source_tree_a_program_offers_the_scripts_as_they_are_typed_there) {
  EXPECT_EQ(script_beside(tree / "build/release/zerogravity", tree, "run"), "scripts/run");
  EXPECT_EQ(script_beside(tree / "build/release/zerogravity", "/", "run"), (tree / "scripts/run").string());
}

TEST_F(program_place, an_installed_program_offers_none) {
  fs::create_directories(root / "usr/bin");
  EXPECT_EQ(script_beside(root / "usr/bin/zerogravity", tree, "run"), "");
  EXPECT_EQ(script_beside("/usr/bin/zerogravity", "/", "run"), "");
  EXPECT_EQ(script_beside("", "/", "run"), "");
}

TEST_F(program_place, a_folder_of_scripts_that_belongs_to_somebody_else_is_not_the_tree) {
  fs::remove_all(tree / "app");
  EXPECT_EQ(script_beside(tree / "bin/zerogravity", tree, "run"), "");
}

}  // namespace
}  // namespace app
