#include "app/ledger_api/ledger_reports.hpp"

#include <stdexcept>

#include <sqlite3.h>
#include <sys/stat.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "app/http/error_answer.hpp"
#include "net/as_result.hpp"

namespace app {
namespace {

/// The file's, and not this report's alone.
bool is_damage(int sqlite_code) {
  const int primary = sqlite_code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

/// What a reader has found damaged, the writer is told of: /readyz says it, and rows go beside the file.
template <class T>
T value_of(usage::ledger_result<T> result, usage::ledger_writer& writer) {
  if (!result.has_error()) return std::move(*result);
  if (is_damage(result.error().sqlite_code)) {
    writer.distrust(result.error().message);
  } else {
    writer.look();
  }
  throw std::runtime_error(result.error().message);
}

}  // namespace

ledger_reports::ledger_reports(const usage::ledger_options& ledger, usage::ledger_writer& writer, std::size_t queue)
    : ledger_(ledger), writer_(writer), pool_({"zg-reports", threads, queue}) {}

/// Tells those who have joined what came of it, or that nothing did.
class ledger_reports::first_asker {
 public:
  first_asker(ledger_reports& all, const std::string& key, std::shared_ptr<joint_report> report)
      : all_(all), key_(key), report_(std::move(report)) {}
  ~first_asker() {
    begin();
    for (const auto& wake : report_->wake) wake();
  }
  first_asker(const first_asker&) = delete;
  first_asker& operator=(const first_asker&) = delete;

  /// Nobody can join any more. From any thread.
  void begin() {
    const std::lock_guard lock(all_.joining_);
    const auto found = all_.joint_.find(key_);
    if (found != all_.joint_.end() && found->second == report_) all_.joint_.erase(found);
  }
  void end(std::optional<outcome> made, std::exception_ptr fault) {
    report_->made = std::move(made);
    report_->fault = std::move(fault);
  }

 private:
  ledger_reports& all_;
  const std::string& key_;
  std::shared_ptr<joint_report> report_;
};

/// What others were given; nothing if the report in `mine` is ours to be made.
boost::asio::awaitable<std::optional<ledger_reports::outcome>> ledger_reports::wait_with_others(
    const std::string& key, std::shared_ptr<joint_report>& mine) {
  const auto executor = co_await boost::asio::this_coro::executor;
  for (;;) {
    const auto woken =
        std::make_shared<boost::asio::steady_timer>(executor, std::chrono::steady_clock::time_point::max());
    bool joined = false;
    {
      const std::lock_guard lock(joining_);
      const auto [place, first] = joint_.try_emplace(key);
      if (first) place->second = std::make_shared<joint_report>();
      mine = place->second;
      joined = !first;
      // Posted, so that it comes when we wait.
      if (joined)
        mine->wake.push_back([executor, weak = std::weak_ptr(woken)] {
          boost::asio::post(executor, [weak] {
            if (const auto waiting = weak.lock()) waiting->cancel();
          });
        });
    }
    if (!joined) co_return std::nullopt;
    co_await woken->async_wait(net::as_result);
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) {
      throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    if (mine->fault) std::rethrow_exception(mine->fault);
    if (mine->made) co_return mine->made;
  }
}

boost::asio::awaitable<boost::system::result<ledger_reports::text, api_response>> ledger_reports::answer(
    std::string key, maker make) {
  std::shared_ptr<joint_report> mine = std::make_shared<joint_report>();
  if (!key.empty()) {
    if (auto others = co_await wait_with_others(key, mine)) co_return std::move(*others);
  }
  first_asker first(*this, key, mine);
  std::optional<outcome> made;
  std::exception_ptr fault;
  try {
    made = co_await pool_.run([&](std::stop_token stop) {
      first.begin();
      return read(key, make, std::move(stop));
    });
    if (!made) made = overloaded("Too many reports wait for their turn (limits.api_reports).");
  } catch (...) {
    fault = std::current_exception();
  }
  // What came of being stopped is nobody else's.
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() == boost::asio::cancellation_type::none) first.end(made, fault);
  if (fault) std::rethrow_exception(fault);
  co_return std::move(*made);
}

ledger_reports::outcome ledger_reports::read(const std::string& key, const maker& make, std::stop_token stop) {
  writer_.flush(flush_patience);
  const auto [kept, moment] = find(key);
  if (kept) return outcome(boost::system::in_place_value, kept);
  auto reader = take_reader();
  reader.interrupt_by(std::move(stop));
  auto made = value_of(make(reader), writer_);
  put_back(std::move(reader), moment);
  if (!made) return outcome(boost::system::in_place_value, nullptr);
  auto answer = std::make_shared<const std::string>(std::move(*made));
  if (!key.empty()) keep(key, {answer, moment});
  return outcome(boost::system::in_place_value, std::move(answer));
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
  if (size > max_kept_bytes / 4) return;
  if (const auto before = kept_.extract(key)) kept_bytes_ -= before.mapped().made->size();
  if (kept_.size() >= max_kept || kept_bytes_ + size > max_kept_bytes) {
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
    watch_.emplace(value_of(usage::ledger_reader::open(present()), writer_));
    file_ = now;
    opened_ = moment_ + 1;
    version_ = -1;
  }
  const auto version = value_of(watch_->version(), writer_);
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
  return value_of(usage::ledger_reader::open(present()), writer_);
}

void ledger_reports::put_back(usage::ledger_reader reader, std::uint64_t moment) {
  reader.interrupt_by({});
  const std::lock_guard lock(mutex_);
  if (moment >= opened_ && idle_.size() < threads) idle_.push_back(std::move(reader));
}

/// Rows of a damaged ledger go to a file beside it.
usage::ledger_options ledger_reports::present() const {
  auto options = ledger_;
  options.file = writer_.file();
  return options;
}

ledger_reports::file_identity ledger_reports::identity() const {
  struct stat found{};
  if (::stat(writer_.file().c_str(), &found) != 0) return {};
  return {static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)};
}

}  // namespace app
