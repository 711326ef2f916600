#pragma once

// The ledger's file as the file system sees it: its type, its owner, and whether it is still at its path while it is
// open. Owned by ledger. sqlite.hpp reads and writes its content.

#include <cstdint>
#include <filesystem>

#include <sys/types.h>

#include "net/descriptor.hpp"

namespace usage {

/// A lock on <file>.lock. Every process that has the ledger open for writing shares it; a repair holds it exclusively.
/// SQLite's own locks would be lost when the file is renamed.
class ledger_lock {
 public:
  enum class kind { shared, exclusive };
  /// Throws sqlite_failure (SQLITE_BUSY) if another process holds it in the other mode.
  ledger_lock(const std::filesystem::path& file, kind wanted);

 private:
  net::descriptor held_;
};

class ledger_file {
 public:
  /// Creates the file if it is missing (0600; its directory must exist), gives back to our own what another mode took,
  /// its log's files included, and follows a link that nobody else can turn elsewhere. Throws sqlite_failure.
  explicit ledger_file(const std::filesystem::path& named);

  /// The path with links resolved.
  const std::filesystem::path& path() const noexcept { return path_; }

  /// Remembers the identity of the file and of its log. Call it once the file is open.
  void remember();

  enum class place {
    same,
    log_moved,  // the write-ahead log or its index is gone, so other processes would begin a new one
    emptied,    // truncated to nothing
    replaced,   // another file has its name
    gone,
  };
  place look() const;

  /// The remembered file has no name any more.
  bool nameless() const;

  /// The log's files at the path that are the remembered ones. Another file must not be read with them.
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

/// The paths of the write-ahead log and its index.
std::filesystem::path log_of(const std::filesystem::path& file);
std::filesystem::path log_index_of(const std::filesystem::path& file);
/// The separate file for rows that the ledger's own file cannot take.
std::filesystem::path pending_of(const std::filesystem::path& file);

/// Deletes the file with its log and its lock.
void remove_ledger(const std::filesystem::path& file);

}  // namespace usage
