#pragma once

// Reports over the ledger for the routes of the API. Each is read and rendered on threads of its own, after the queued
// rows are written, and ends early once its client has gone. A report is kept until the ledger changes. Clients that
// ask the same before a report is begun share it, so that many of them cause the work once.

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include "app/http/message.hpp"
#include "net/background_pool.hpp"
#include "usage/ledger/ledger_reader.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

/// How long a report waits for queued rows: a client that has just seen an exchange end expects to find it.
inline constexpr std::chrono::milliseconds flush_patience{250};

class ledger_reports {
 public:
  /// nullopt: what was asked for does not exist.
  using made_text = usage::ledger_result<std::optional<std::string>>;
  using maker = std::function<made_text(usage::ledger_reader&)>;
  /// Null: what was asked for does not exist.
  using text = std::shared_ptr<const std::string>;

  static constexpr std::size_t max_kept = 64;                // answers
  static constexpr std::size_t max_kept_bytes = 16ul << 20;  // of all of them

  /// Both outlive it. `queue`: reports that may wait (limits.api_reports).
  ledger_reports(const usage::ledger_options& ledger, usage::ledger_writer& writer, std::size_t queue);

  /// What `make` returns for the ledger, or what it returned for the same key while the ledger has not changed. An
  /// empty key: not kept. Error: 503 if too many wait. Throws if the ledger cannot be read; the session logs it and
  /// answers 500.
  boost::asio::awaitable<boost::system::result<text, api_response>> answer(std::string key, maker make);

  /// Reports that wait or are made.
  std::size_t pending() const noexcept { return pool_.pending(); }

 private:
  struct file_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const file_identity&) const = default;
  };

  struct kept_answer {
    text made;
    std::uint64_t moment = 0;
  };
  using outcome = boost::system::result<text, api_response>;

  /// A report that several clients ask for; a client joins until it is begun.
  struct joint_report {
    std::vector<std::function<void()>> wake;  // for each client that has joined
    std::optional<outcome> made;              // nullopt at the end: the first client has gone
    std::exception_ptr fault;
  };
  class first_asker;

  boost::asio::awaitable<std::optional<outcome>> wait_with_others(const std::string& key,
                                                                  std::shared_ptr<joint_report>& mine);
  outcome read(const std::string& key, const maker& make, std::stop_token stop);
  std::pair<text, std::uint64_t> find(const std::string& key);
  void keep(const std::string& key, kept_answer answer);
  std::uint64_t look();
  usage::ledger_reader take_reader();
  void put_back(usage::ledger_reader reader, std::uint64_t moment);
  usage::ledger_options present() const;
  file_identity identity() const;

  static constexpr unsigned threads = 2;

  const usage::ledger_options& ledger_;
  usage::ledger_writer& writer_;

  std::mutex joining_;                                          // guards the next; held for a look at it
  std::map<std::string, std::shared_ptr<joint_report>> joint_;  // not begun

  std::mutex mutex_;  // guards all below; held for a look into the file's header, never for a report
  std::optional<usage::ledger_reader> watch_;  // whose version tells when somebody has written
  file_identity file_;
  std::int64_t version_ = 0;
  std::uint64_t moment_ = 0;  // grows with every change of the ledger that was noticed
  std::uint64_t opened_ = 0;  // the moment in which the file became the present one
  std::vector<usage::ledger_reader> idle_;
  std::map<std::string, kept_answer> kept_;
  std::size_t kept_bytes_ = 0;

  net::background_pool pool_;  // last: its threads use the above
};

}  // namespace app
