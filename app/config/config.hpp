#pragma once

// Everything that can be configured, with defaults and meanings. config_load fills it from the file, then the
// environment, then the flags; each overrides the one before. config_keys binds every member to its key in the file.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/base/endpoint.hpp"
#include "app/base/process_limits.hpp"
#include "app/base/run_limits.hpp"
#include "app/config/known_providers.hpp"
#include "app/http/limits.hpp"
#include "app/log/log_level.hpp"
#include "app/openai/conversation_index.hpp"
#include "app/openai/response_store.hpp"
#include "app/openai/turn_request.hpp"
#include "app/providers/provider_set.hpp"
#include "cascade/rpc/limits.hpp"
#include "cascade/rpc/permission.hpp"
#include "mitm/policy/limits.hpp"
#include "usage/attribution/attribution_core.hpp"
#include "usage/exchange_account.hpp"

namespace app::rewrite {
class rule_set;
}

namespace app {

enum class server_mode : std::uint8_t { none, launch, attach, discover };

enum class redirect_scope : std::uint8_t { none, cgroup };
enum class redirect_backend : std::uint8_t { automatic, nft, ebpf };

/// Who decides about steps that ask for permission: only the configuration, or also a client that sends the key.
enum class permission_source : std::uint8_t { service, client };

struct config {
  struct api_section {
    api_addresses listen{{{asio::ip::address_v4::loopback(), 8741}}};
    std::string key;           // empty: the first start generates one in state_dir
    bool require_key = false;  // also from the service's own user on loopback
    permission_source permissions = permission_source::service;
    std::vector<std::string>
        cors_origins;  // origins of web pages that may call the API: "https://app.example"; empty: none
  };

  /// By default only the loopback addresses listen, because redirected connections arrive there.
  struct mitm_section {
    endpoints listen{{asio::ip::address_v4::loopback(), 8742}, {asio::ip::address_v6::loopback(), 8742}};
    std::vector<std::string> providers = default_providers();  // names; see app/config/watched_hosts
    std::vector<std::string> hosts;                            // patterns, beside those of the providers
    std::vector<provider_set> own_providers;                   // from the file
    provider_limits provider;
    std::filesystem::path upstream_ca_file;  // PEM, trusted for origins in addition to the system's; empty: none
    std::filesystem::path bundle_file;       // default <state_dir>/combined-ca.pem
    std::filesystem::path system_ca_file;    // PEM; empty: the system's usual file
    bool reuse_upstream = true;              // by the next client of the same program
    std::string upstream_proxy;              // URL of the proxy through which origins are reached; empty: none
    std::vector<std::string> no_proxy;       // destinations without the proxy; empty: the value of NO_PROXY
  };

  /// The redirect that the service installs itself, and removes at its end.
  struct redirect_section {
    redirect_scope scope = redirect_scope::none;
    std::string cgroup;     // path below the root of cgroup v2
    std::uint32_t pid = 0;  // a running process instead; 0: none
    redirect_backend backend = redirect_backend::automatic;
    std::size_t pending = 16'384;  // ebpf: connections that wait to be accepted; beyond it, the oldest are refused
  };

  struct ledger_section {
    std::filesystem::path file;                   // default <state_dir>/usage.db
    std::uint64_t retention_days = 400;           // of single rows; roll-ups are kept
    std::uint64_t max_size = 2ull << 30;          // bytes of the file; the oldest rows are deleted first
    std::chrono::milliseconds busy_timeout{250};  // how long a write waits while the file is locked
    std::size_t queue = 4096;                     // rows that wait to be written; further ones are dropped and counted
  };

  /// The language server whose cascades are followed.
  struct language_server_section {
    server_mode mode = server_mode::none;
    std::vector<std::string> command;      // launch: a template; empty: the usual flags
    std::vector<std::string> environment;  // launch: NAME=value, with the placeholders of `command`
    std::filesystem::path program;         // launch: {language_server}; empty: found in the usual places
    std::string user;                      // launch: it runs as this user; attach, discover: its owner; empty: our user
    std::string cloud_code_endpoint = "https://daily-cloudcode-pa.googleapis.com";
    std::string address;     // attach: host:port
    std::string csrf_token;  // attach
    std::filesystem::path
        certificate_file;      // attach: the server's certificate, PEM; empty: trusted on first use on loopback
    std::string workspace_id;  // discover: preferred
    cascade::dispatcher_limits turns;
    cascade::turn_limits turn;
    cascade::permission_policy permissions;  // for steps that ask for permission
    std::size_t receive_limit = 64ul << 20;  // bytes of one message; a snapshot contains a whole transcript
  };

  /// How OpenAI's API is offered.
  struct openai_section {
    std::map<std::string, std::string> aliases;    // name → id or label of a model
    bool reasoning = true;                         // send it
    std::chrono::milliseconds keep_alive{15'000};  // a silent stream gets a comment this often; 0: never
    std::size_t socket_turns = 8;                  // at once on one WebSocket, each with a stream_id of its own
    openai::request_limits requests;
    openai::response_store_limits responses;
    openai::conversation_index_limits conversations;
  };

  /// How rules change requests.
  struct rewrite_section {
    bool dry_run = false;               // rules only report what they would change
    std::size_t rules = 256;            // at most
    std::size_t mock_size = 4ul << 20;  // bytes of one file that a rule answers with
  };

  struct log_section {
    log_level level = log_level::info;
    log_format format = log_format::automatic;
  };

  std::filesystem::path state_dir;  // default: see default_state_dir()
  unsigned threads = 0;             // 0: one per core
  api_section api;
  mitm_section mitm;
  redirect_section redirect;
  ::mitm::limits limits;
  usage::account_limits account;
  usage::attribution_limits attribution;
  app::api_limits api_limits;
  run::run_limits run;
  process_limits processes;
  ledger_section ledger;
  language_server_section language_server;
  openai_section openai;
  rewrite_section rewrite;
  std::shared_ptr<const ::app::rewrite::rule_set> rules;  // from the file; never null after loading
  log_section log;
};

std::string_view to_string(server_mode mode);
std::string_view to_string(redirect_scope scope);
std::string_view to_string(redirect_backend backend);
std::string_view to_string(permission_source source);

}  // namespace app
