#include "app/linux/open_sockets.hpp"

#include <algorithm>
#include <utility>

namespace app {

void open_sockets::expect() {
  const std::lock_guard lock(mutex_);
  ++expected_;
}

void open_sockets::make_room() {
  const std::lock_guard lock(mutex_);
  // Connections that are about to end make room, too.
  if (alive() + expected_ < limits_.connections || end_oldest(nullptr)) return;
  (expected_ > 0 ? owed_ : wanted_) = true;
}

/// Called with the mutex held, as everything below. False: there is none, or none of that client.
bool open_sockets::end_oldest(const std::string* client) {
  const auto oldest = std::ranges::find_if(
      waiting_, [&](const connection& each) { return client == nullptr || each.client == *client; });
  if (oldest == waiting_.end()) return false;
  end_one(oldest);
  return true;
}

/// Among the waiting connections.
void open_sockets::end_one(connections::iterator which) {
  ending_.splice(ending_.end(), waiting_, which);
  which->ended = true;
  which->end();
}

void open_sockets::end_input() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  for (auto* all : {&waiting_, &serving_}) {
    for (auto& each : *all) each.end();
  }
}

bool open_sockets::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

open_sockets::entry::entry(open_sockets& all, std::string client, bool owner, std::function<void()> end) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  std::size_t& of_client = all_.clients_[client];
  refused_ = of_client >= all_.limits_.of_one_client && !all_.end_oldest(&client);
  ++of_client;
  const auto crowded = [this] { return all_.alive() >= all_.limits_.unreserved(); };
  if (!refused_ && crowded()) all_.end_oldest(nullptr);
  const bool reserved = crowded() && !owner;
  all_.wanted_ = false;
  place_ = all_.waiting_.insert(all_.waiting_.end(), {std::move(client), std::move(end), owner, reserved, false});
  if (all_.expected_ > 0) --all_.expected_;
  if (std::exchange(all_.owed_, false)) all_.end_oldest(nullptr);
  if (all_.ended_) place_->end();
}

open_sockets::entry::~entry() {
  const std::lock_guard lock(all_.mutex_);
  const auto counted = all_.clients_.find(place_->client);
  if (--counted->second == 0) all_.clients_.erase(counted);
  auto& list = place_->ended ? all_.ending_ : in_ == list::waiting ? all_.waiting_ : all_.serving_;
  list.erase(place_);
}

void open_sockets::entry::end_by(std::function<void()> end) {
  const std::lock_guard lock(all_.mutex_);
  place_->end = std::move(end);
  if (place_->ended || all_.ended_) place_->end();
}

void open_sockets::entry::wait() {
  if (in_ == list::waiting) return;  // no lock needed: only the connection's own strand moves it
  const std::lock_guard lock(all_.mutex_);
  in_ = list::waiting;
  if (place_->ended) return;
  all_.waiting_.splice(all_.waiting_.end(), all_.serving_, place_);
  if (std::exchange(all_.wanted_, false)) all_.end_one(place_);
}

void open_sockets::entry::serve() {
  if (in_ == list::serving) return;
  const std::lock_guard lock(all_.mutex_);
  in_ = list::serving;
  if (place_->ended) return;
  all_.serving_.splice(all_.serving_.end(), all_.waiting_, place_);
}

bool open_sockets::entry::ended() const {
  const std::lock_guard lock(all_.mutex_);
  return place_->ended || all_.ended_;
}

bool open_sockets::entry::reserved() const {
  const std::lock_guard lock(all_.mutex_);
  return place_->reserved && all_.alive() > all_.limits_.unreserved();
}

}  // namespace app
