#include "usage/ledger/sqlite_failure.hpp"

#include <sqlite3.h>

#include "net/file/access_words.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

/// The file and what SQLite keeps beside it: the first that this process may not write.
std::string denied_words(const fs::path& file) {
  std::string words = net::access_words(file, net::file_access::write);
  std::error_code ignored;
  for (const char* ending : {"-wal", "-shm"}) {
    const fs::path companion = file.string() + ending;
    if (words.empty() && fs::exists(companion, ignored)) words = net::access_words(companion, net::file_access::write);
  }
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return words.empty() ? net::access_words(directory, net::file_access::write) : words;
}

bool is_about_access(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM || primary == SQLITE_AUTH ||
         primary == SQLITE_IOERR;
}

std::string words_of(const fs::path& file, const sqlite_failure& failure) {
  const int primary = failure.code() & 0xff;
  if (primary == SQLITE_FULL) return "the disk is full; " + net::free_space_words(file);
  const std::string denied = is_about_access(failure.code()) ? denied_words(file) : std::string();
  if (!denied.empty()) return denied;
  if (primary == SQLITE_READONLY) return "it was opened when it could not be written; restart what has it open";
  return failure.what();
}

}  // namespace

ledger_error refusal_of(std::string_view what, const fs::path& file, const sqlite_failure& failure) {
  return {failure.code(), "cannot " + std::string(what) + " " + file.string() + ": " + words_of(file, failure)};
}

}  // namespace usage
