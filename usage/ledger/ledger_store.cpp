#include "usage/ledger/ledger_store.hpp"

#include <system_error>
#include <utility>

#include <sqlite3.h>
#include <sys/stat.h>

namespace usage {
namespace {

namespace fs = std::filesystem;
using file_place = ledger_file::place;

constexpr std::string_view repair_words = "run: zerogravity ledger repair";

/// The failure may pass by itself, so the same file is tried again.
bool passes_by_itself(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
      return true;
    case SQLITE_IOERR:
      return code != SQLITE_IOERR_SHORT_READ && code != SQLITE_IOERR_READ && code != SQLITE_IOERR_DATA &&
             code != SQLITE_IOERR_CORRUPTFS;
    default:
      return false;
  }
}

/// The file's content is wrong, so opening it again would not help.
bool is_damage(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_IOERR;
}

bool is_device(const fs::path& file) {
  std::error_code ignored;
  return fs::is_character_file(file, ignored) || fs::is_block_file(file, ignored);
}

}  // namespace

ledger_store::ledger_store(ledger opened) : own_(opened.options()), open_(std::move(opened)) {}

ledger_result<ledger_store> ledger_store::open(const ledger_options& options) {
  ledger_store store(options);
  std::error_code none;
  const bool emptied = fs::is_regular_file(options.file, none) && fs::file_size(options.file, none) == 0;
  auto opened = ledger::open(options);
  if (opened) {
    store.open_.emplace(std::move(*opened));
    if (emptied)
      store.notes_.push_back(options.file.string() +
                             " was there and empty: a new ledger begins in it, and what it may have held is gone");
    return store;
  }
  if (is_device(options.file)) return opened.error();
  store.fall_back(opened.error());
  if (!store.open_ && !passes_by_itself(opened.error().sqlite_code)) return opened.error();
  return store;
}

ledger_options ledger_store::beside() const {
  ledger_options options = own_;
  options.file = pending_of(own_.file);
  return options;
}

fs::path ledger_store::file() const {
  return beside_ ? pending_of(own_.file) : own_.file;
}

std::vector<std::string> ledger_store::take_notes() {
  return std::exchange(notes_, {});
}

/// If one of these changes, the file may be usable again. Once its pages are distrusted, only another file is usable.
std::vector<std::int64_t> ledger_store::trace_of_own() const {
  std::vector<std::int64_t> trace;
  for (const fs::path& each : {own_.file, log_of(own_.file), log_index_of(own_.file)}) {
    struct stat found{};
    const bool there = ::stat(each.c_str(), &found) == 0;
    trace.push_back(there ? static_cast<std::int64_t>(found.st_ino) : 0);
    if (distrusted_) break;
    if (!there) continue;
    trace.insert(trace.end(),
                 {found.st_uid, found.st_mode, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec});
  }
  return trace;
}

/// The ledger's own file cannot be used, because of `why`.
void ledger_store::fall_back(const ledger_error& why) {
  if (open_) open_->leave_log();
  open_.reset();
  trace_ = trace_of_own();
  looked_at_ = std::chrono::steady_clock::now();
  trouble_ = why.message;
  if (passes_by_itself(why.sqlite_code) || !open_beside()) return;
  trouble_ += "; new rows go to " + beside().file.string();
  trouble_ += (why.sqlite_code & 0xff) == SQLITE_SCHEMA || why.message.find("run: ") != std::string::npos
                  ? " and come over once that is done"
                  : "; " + std::string(repair_words);
}

bool ledger_store::open_beside() {
  auto opened = ledger::open(beside());
  if (!opened) {
    trouble_ += "; nor can a file be written beside it: " + opened.error().message;
    return false;
  }
  open_.emplace(std::move(*opened));
  beside_ = true;
  return true;
}

void ledger_store::distrust(const std::string& why) {
  if (beside_) return;
  // The file's size explains more than the reader's error.
  if (open_ && open_->place() == file_place::emptied) return back_in_place(file_place::emptied);
  distrusted_ = true;
  fall_back({SQLITE_CORRUPT, "the ledger " + own_.file.string() + " is damaged: " + why});
}

void ledger_store::take_over_pending() {
  const ledger_options options = beside();
  std::error_code ignored;
  if (!open_ || beside_ || merge_failed_ || !fs::exists(options.file, ignored)) return;
  const auto merged = open_->take_over(options);
  if (!merged && (merged.error().sqlite_code & 0xff) == SQLITE_BUSY)
    return;  // the process that writes to it moves it over
  merge_failed_ = !merged;
  if (!merged) {
    trouble_ = "rows in " + options.file.string() + " wait to come over: " + merged.error().message + "; " +
               std::string(repair_words);
    return;
  }
  notes_.push_back(std::to_string(merged->inserted) + " rows of " + options.file.string() + " came over");
}

/// Called before each write. Checks that the file exists and is the right one.
ledger_result<void> ledger_store::settle() {
  if (open_) {
    if (const file_place now = open_->place(); now != file_place::same) back_in_place(now);
  }
  if (beside_ || !open_) return_to_own();
  if (!open_) return ledger_error{SQLITE_CANTOPEN, trouble_};
  return {};
}

void ledger_store::look() {
  static_cast<void>(settle());
}

/// The reason why the ledger's own file was unusable may have gone.
void ledger_store::return_to_own() {
  const auto now = std::chrono::steady_clock::now();
  if (open_ && (now - looked_at_ < reopen_pause || trace_of_own() == trace_)) return;
  looked_at_ = now;
  auto opened = ledger::open(own_);
  if (!opened) {
    if (!open_) return fall_back(opened.error());
    trace_ = trace_of_own();
    return;
  }
  if (!trouble_.empty()) notes_.push_back(own_.file.string() + " can be written again");
  open_.emplace(std::move(*opened));
  beside_ = distrusted_ = merge_failed_ = false;
  trouble_.clear();
  take_over_pending();
}

void ledger_store::back_in_place(file_place what) {
  const std::string name = file().string();
  if (what == file_place::log_moved) {
    notes_.push_back("the log of " + name + " was deleted or replaced while in use; its rows were kept");
    if (!open_->flush_log()) return;
    open_->leave_log();
    open_->remove_log();
    open_.reset();
    const bool was_beside = std::exchange(beside_, false);
    if (was_beside) static_cast<void>(open_beside());
    return;
  }
  if (what == file_place::emptied && !beside_) {
    distrusted_ = true;
    return fall_back({SQLITE_CORRUPT, "the ledger " + name + " was cut to 0 bytes while in use"});
  }
  if (const auto restored = restore(); !restored) trouble_ = restored.error().message;
}

/// The file was deleted, or another file has its name. Its content is kept: it is written to the same name again, or to
/// the separate file, from which it is moved over later.
ledger_result<void> ledger_store::restore() {
  const fs::path name = file();
  const bool flushed = open_->flush_log().has_value();
  std::error_code ignored;
  if (name.has_parent_path()) fs::create_directory(name.parent_path(), ignored);
  const bool replaced = fs::exists(name, ignored);
  const fs::path kept = replaced && !beside_ ? pending_of(name) : fs::path(name.string() + ".kept");
  const bool wanted = !replaced || (open_->nameless() && !fs::exists(kept, ignored));
  if (!replaced) fs::remove(kept, ignored);  // left by an attempt that did not fit
  if (wanted) {
    if (const auto copied = open_->copy_to(kept); !copied) return copied.error();
  }
  // The log may only go once its content is in the file or in the copy.
  if (!wanted && !flushed) return ledger_error{SQLITE_BUSY, "the log of " + name.string() + " is in use"};
  open_->leave_log();
  open_->remove_log();
  open_.reset();
  if (!replaced) fs::rename(kept, name, ignored);
  notes_.push_back(name.string() + (replaced ? " was replaced by another file while in use; rows go there now"
                                             : " was deleted while in use and was written again with all its rows"));
  if (replaced && !wanted) notes_.push_back("the rows until then are where the file was moved to");
  auto opened = ledger::open({name, own_.retention_days, own_.max_bytes, own_.busy_timeout_ms});
  if (!opened) {
    if (!beside_) fall_back(opened.error());
    return opened.error();
  }
  open_.emplace(std::move(*opened));
  if (!beside_) take_over_pending();
  return {};
}

ledger_result<insert_outcome> ledger_store::write(std::span<const ledger_entry> entries) {
  if (const auto settled = settle(); !settled) return settled.error();
  auto outcome = open_->write(entries);
  if (outcome || passes_by_itself(outcome.error().sqlite_code) || beside_) return outcome;
  if (is_damage(outcome.error().sqlite_code)) {
    distrust(outcome.error().message);
  } else {
    // The mode, the owner or the tables may be wrong. Opening the file finds out, and may repair it.
    open_.reset();
    return_to_own();
  }
  if (!open_) return outcome;
  return open_->write(entries);
}

ledger_result<retention_outcome> ledger_store::apply_retention(std::int64_t now) {
  if (!open_) return ledger_error{SQLITE_CANTOPEN, trouble_};
  return open_->apply_retention(now);
}

ledger_result<clock_memory> ledger_store::look_at_clock(const clock_reading& now) {
  if (!open_) return ledger_error{SQLITE_CANTOPEN, trouble_};
  return open_->look_at_clock(now);
}

ledger_result<bool> ledger_store::oversized() const {
  if (!open_) return {boost::system::in_place_value, false};
  return open_->oversized();
}

void ledger_store::make_room() {
  if (open_) static_cast<void>(open_->flush_log());
}

}  // namespace usage
