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
  const auto asked = clock::now();
  auto made = co_await pool_.run([&](std::stop_token stop) { return read(key, asked, make, std::move(stop)); });
  if (!made) co_return overloaded("Too many reports wait for their turn (limits.api_reports).");
  co_return result(boost::system::in_place_value, std::move(*made));
}

ledger_reports::text ledger_reports::read(const std::string& key, clock::time_point asked, const maker& make,
                                          std::stop_token stop) {
  if (auto made = made_since(key, asked)) return made;
  const auto begun = clock::now();
  writer_.flush(flush_patience);
  const auto [kept, moment] = find(key);
  if (kept) return kept;
  auto reader = take_reader();
  reader.interrupt_by(std::move(stop));
  auto made = value_of(make(reader));
  put_back(std::move(reader), moment);
  if (!made) return nullptr;
  auto answer = std::make_shared<const std::string>(std::move(*made));
  if (!key.empty()) keep(key, {answer, moment, begun});
  return answer;
}

/// It holds all that was booked before it was asked for.
ledger_reports::text ledger_reports::made_since(const std::string& key, clock::time_point asked) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  return found != kept_.end() && found->second.begun >= asked ? found->second.made : nullptr;
}

std::pair<ledger_reports::text, std::uint64_t> ledger_reports::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto moment = look();
  const auto found = kept_.find(key);
  return {found != kept_.end() && found->second.moment == moment ? found->second.made : nullptr, moment};
}

void ledger_reports::keep(const std::string& key, kept_answer answer) {
  const std::lock_guard lock(mutex_);
  const std::size_t size = answer.made->size();
  if (size > limits_.kept_bytes / 4) return;
  if (const auto before = kept_.extract(key)) kept_bytes_ -= before.mapped().made->size();
  if (kept_.size() >= limits_.kept || kept_bytes_ + size > limits_.kept_bytes) {
    kept_.clear();
    kept_bytes_ = 0;
  }
  kept_bytes_ += size;
  kept_.emplace(key, std::move(answer));
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
  return std::exchange(version_, version) == version ? moment_ : ++moment_;
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
