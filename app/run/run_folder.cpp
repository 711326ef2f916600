#include "app/run/run_folder.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/trust_bundle.hpp"

namespace app::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder_of_runs = "runs";
constexpr const char* last_bundle = "last-ca.pem";  // beside the folders; the CAs of others
constexpr int max_attempts = 16;  // another run may remove a folder that we have made but not yet locked

/// Holds the lock if nobody else does and the folder is still the one at that path.
net::descriptor locked(const fs::path& folder) {
  net::descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.valid() || ::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) return net::descriptor();
  struct stat held = {};
  struct stat there = {};
  const bool same = ::fstat(opened.get(), &held) == 0 && ::lstat(folder.c_str(), &there) == 0 &&
                    held.st_ino == there.st_ino && held.st_dev == there.st_dev;
  return same ? std::move(opened) : net::descriptor();
}

void sweep(const fs::path& runs) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(runs, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored) || entry->is_symlink(ignored)) continue;
    if (const auto abandoned = locked(entry->path()); abandoned.valid()) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

setup_result<run_folder> run_folder::make(const fs::path& state_dir) {
  const auto runs = state_dir / folder_of_runs;
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) return setup_failure{"create " + runs.string(), error.value()};
  sweep(runs);
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    std::string name = (runs / "XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return setup_failure{"create a folder in " + runs.string(), errno};
    auto lock = locked(name);
    if (!lock.valid()) continue;
    ::fchmod(lock.get(), 0755);  // for a command that gives up root
    run_folder made(name, std::move(lock));
    if (::link((runs / last_bundle).c_str(), made.bundle().c_str()) != 0) {
      [[maybe_unused]] const int none = ::link((state_dir / "combined-ca.pem").c_str(), made.bundle().c_str());
    }
    return made;
  }
  return setup_failure{"lock a folder in " + runs.string(), EAGAIN};
}

run_folder::~run_folder() {
  std::error_code ignored;
  if (lock_.valid()) fs::remove_all(path_, ignored);
}

void run_folder::keep_bundle() const {
  const auto last = path_.parent_path() / last_bundle;
  const auto own = mitm::read_small_file(bundle(), mitm::links::refuse);
  const auto kept = mitm::read_small_file(last, mitm::links::refuse);
  const auto others = own ? mitm::without_ours(own->content) : std::string_view();
  if (others.empty() || (kept && kept->content == others)) return;
  [[maybe_unused]] const auto written = mitm::write_atomically(last, others, 0644);
}

}  // namespace app::run
