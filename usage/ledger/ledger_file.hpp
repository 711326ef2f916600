#pragma once

// The ledger's file as the file system knows it: what kind of thing it is, whose, and whether it is still at its path
// while it is open. Owned by ledger; sqlite.hpp reads and writes what is in it.

#include <cstdint>
#include <filesystem>

#include <sys/types.h>

#include "net/descriptor.hpp"

namespace usage {

/// A lock on <file>.lock: shared by whatever has the ledger open to write, exclusive while it is repaired. SQLite's own
/// locks do not outlive a file that is put aside.
class ledger_lock {
 public:
  enum class kind { shared, exclusive };
  /// Throws sqlite_failure (SQLITE_BUSY) if somebody holds it the other way.
  ledger_lock(const std::filesystem::path& file, kind wanted);

 private:
  net::descriptor held_;
};

class ledger_file {
 public:
  /// Creates the file if it is missing (0600; its directory must exist), gives back to our own what another mode took,
  /// its log's files included, and follows a link that nobody else can turn elsewhere. Throws sqlite_failure.
  explicit ledger_file(const std::filesystem::path& named);

  /// Links resolved.
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Once it is open: this is the file, and this its log.
  void remember();

  enum class place {
    same,
    log_moved,  // the write-ahead log or its index is gone from its path: other processes would begin another
    emptied,    // cut to nothing
    replaced,   // another file has its name
    gone,
  };
  place look() const;

  /// No name leads to the remembered file any more.
  bool nameless() const;

  /// Those of the log's files at the path that are the remembered ones: another file must not be read with them.
  void remove_log() const;

 private:
  struct identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const identity&) const = default;
  };
  static identity identity_of(const std::filesystem::path& path);

  std::filesystem::path path_;
  ledger_lock lock_;
  net::descriptor open_;  // O_PATH: closing any other kind would end SQLite's locks on the file
  identity file_;
  identity log_;
  identity index_;
};

/// Names beside the ledger's file.
std::filesystem::path log_of(const std::filesystem::path& file);
std::filesystem::path log_index_of(const std::filesystem::path& file);
/// Where rows go while the ledger's own file cannot take them.
std::filesystem::path pending_of(const std::filesystem::path& file);

/// With its log and its lock.
void remove_ledger(const std::filesystem::path& file);

}  // namespace usage
