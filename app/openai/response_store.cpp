#include "app/openai/response_store.hpp"

#include <iterator>
#include <utility>

#include <boost/json.hpp>

#include "app/openai/errors.hpp"

namespace app::openai {
namespace {

constexpr std::size_t entry_overhead = 512;  // bytes of an entry beside its strings, about
constexpr std::size_t item_overhead = 256;

std::size_t size_of(const stored_response& response) {
  std::size_t size = entry_overhead + 2 * response.id.size() + response.cascade_id.size() +
                     response.instructions.size() + response.object.size();
  for (const std::string& item : response.input_items) size += item_overhead + item.size();
  for (const output_item& item : response.output) size += 2 * item_overhead + item.text.size() + item.name.size();
  return size;
}

}  // namespace

void response_store::remove(entries::iterator which) {
  bytes_ -= which->size;
  for (const output_item& item : which->response.output) by_item_.erase(item.id);
  by_id_.erase(which->response.id);
  entries_.erase(which);
}

void response_store::expire(time_point now) {
  while (!entries_.empty() && now - entries_.back().used >= limits_.ttl) remove(std::prev(entries_.end()));
}

response_store::entries::iterator response_store::use(entries::iterator which, time_point now) {
  which->used = now;
  entries_.splice(entries_.begin(), entries_, which);
  return which;
}

response_store::entries::iterator response_store::lookup(std::string_view id, time_point now) {
  expire(now);
  const auto known = by_id_.find(std::string(id));
  return known == by_id_.end() ? entries_.end() : use(known->second, now);
}

void response_store::put(stored_response response, time_point now) {
  if (const auto known = lookup(response.id, now); known != entries_.end()) {
    response.cancelled |= known->response.cancelled;
    remove(known);
  }
  const std::size_t size = size_of(response);
  if (size > limits_.bytes || limits_.count == 0) return;
  while (entries_.size() >= limits_.count || bytes_ + size > limits_.bytes) remove(std::prev(entries_.end()));
  entries_.push_front({std::move(response), now, size});
  bytes_ += size;
  const auto added = entries_.begin();
  by_id_.emplace(added->response.id, added);
  for (const output_item& item : added->response.output) by_item_.insert_or_assign(item.id, added);
}

const stored_response* response_store::find(std::string_view id, time_point now) {
  const auto found = lookup(id, now);
  return found == entries_.end() ? nullptr : &found->response;
}

bool response_store::erase(std::string_view id, time_point now) {
  const auto found = lookup(id, now);
  if (found == entries_.end()) return false;
  remove(found);
  return true;
}

boost::system::result<void, api_error> response_store::cancel(std::string_view id, time_point now) {
  const auto found = lookup(id, now);
  if (found == entries_.end()) return response_not_found(id);
  if (!found->response.in_progress && !found->response.cancelled) return response_already_finished(id);
  found->response.cancelled = true;
  return {};
}

void response_store::show_cancelled(std::string_view id, time_point now) {
  const auto found = lookup(id, now);
  if (found == entries_.end() || !found->response.in_progress) return;
  auto shown = boost::json::parse(found->response.object).as_object();
  shown["status"] = "cancelled";
  auto object = boost::json::serialize(shown);
  const auto grown = object.size() - found->response.object.size();  // modulo, as unsigned numbers are
  found->response.object = std::move(object);
  found->size += grown;
  bytes_ += grown;
}

const output_item* response_store::find_item(std::string_view item_id, time_point now) {
  expire(now);
  const auto known = by_item_.find(std::string(item_id));
  if (known == by_item_.end()) return nullptr;
  for (const output_item& item : use(known->second, now)->response.output)
    if (item.id == item_id) return &item;
  return nullptr;
}

boost::system::result<void, api_error> resolve_references(turn_request& request, response_store& store,
                                                          time_point now) {
  for (auto* const messages : {&request.history, &request.input}) {
    for (message& each : *messages) {
      if (each.reference.empty()) continue;
      const output_item* const item = store.find_item(each.reference, now);
      if (item == nullptr) return item_not_found(each.reference);
      if (item->kind == item_kind::message) each.text = item->text;
      if (item->kind == item_kind::function_call) each.calls = {{item->call_id, item->name, item->text}};
    }
  }
  return {};
}

}  // namespace app::openai
