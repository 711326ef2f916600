#include "app/ledger_reports.hpp"

#include <stdexcept>

#include <sys/stat.h>

#include "app/api_error.hpp"

namespace app {
namespace {

template <class T>
T value_of(usage::ledger_result<T> result) {
  if (result.has_error()) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

ledger_reports::ledger_reports(const usage::ledger_options& ledger, usage::ledger_writer& writer, limits bounds)
    : ledger_(ledger), writer_(writer), limits_(bounds), pool_({"reports", threads, bounds.queue}) {}

boost::asio::awaitable<boost::system::result<ledger_reports::text, api_response>> ledger_reports::answer(
    std::string key, maker make) {
  using result = boost::system::result<text, api_response>;
  auto made = co_await pool_.run([&](std::stop_token stop) { return read(key, make, std::move(stop)); });
  if (!made) co_return overloaded("Too many reports wait for their turn (limits.api_reports).");
  co_return result(boost::system::in_place_value, std::move(*made));
}

ledger_reports::text ledger_reports::read(const std::string& key, const maker& make, std::stop_token stop) {
  writer_.flush(flush_patience);
  const auto [kept, moment] = find(key);
  if (kept) return kept;
  auto reader = take_reader();
  reader.interrupt_by(std::move(stop));
  auto made = value_of(make(reader));
  put_back(std::move(reader), moment);
  if (!made) return nullptr;
  auto answer = std::make_shared<const std::string>(std::move(*made));
  keep(key, answer, moment);
  return answer;
}

std::pair<ledger_reports::text, std::uint64_t> ledger_reports::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto moment = look();
  const auto found = kept_.find(key);
  return {found == kept_.end() ? nullptr : found->second, moment};
}

/// An answer that was begun in an earlier moment may lack what was written since.
void ledger_reports::keep(const std::string& key, text answer, std::uint64_t moment) {
  const std::lock_guard lock(mutex_);
  if (key.empty() || look() != moment || answer->size() > limits_.kept_bytes / 4) return;
  if (kept_.size() >= limits_.kept || kept_bytes_ + answer->size() > limits_.kept_bytes) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  kept_bytes_ += answer->size();
  kept_.insert_or_assign(key, std::move(answer));
}

/// The present moment. Under the mutex.
std::uint64_t ledger_reports::look() {
  const auto now = identity();
  if (!watch_ || now != file_) {
    watch_.reset();
    idle_.clear();
    watch_.emplace(value_of(usage::ledger_reader::open(ledger_)));
    file_ = now;
    opened_ = moment_ + 1;
    version_ = -1;
  }
  const auto version = value_of(watch_->version());
  if (std::exchange(version_, version) == version) return moment_;
  kept_.clear();
  kept_bytes_ = 0;
  return ++moment_;
}

usage::ledger_reader ledger_reports::take_reader() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return value_of(usage::ledger_reader::open(ledger_));
}

void ledger_reports::put_back(usage::ledger_reader reader, std::uint64_t moment) {
  reader.interrupt_by({});
  const std::lock_guard lock(mutex_);
  if (moment >= opened_ && idle_.size() < threads) idle_.push_back(std::move(reader));
}

ledger_reports::file_identity ledger_reports::identity() const {
  struct stat found {};
  if (::stat(ledger_.file.c_str(), &found) != 0) return {};
  return {static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)};
}

}  // namespace app
