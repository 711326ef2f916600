#pragma once

// The queries behind ledger_reader's answers about conversations. Each runs within one read transaction.

#include <optional>
#include <string>
#include <vector>

#include "usage/ledger/reports/conversation_record.hpp"
#include "usage/ledger/sqlite.hpp"

namespace usage {

/// Nothing if neither a row nor the language server nor the API knows it.
std::optional<conversation_record> read_conversation(sqlite_connection& connection, const std::string& id);

conversation_sides read_sides(sqlite_connection& connection, const std::string& id);

/// An empty name stands for the rows of language servers that are in no conversation.
std::vector<std::string> read_compared(sqlite_connection& connection, const comparison_query& query);

std::vector<usage_record> read_unattributed(sqlite_connection& connection, std::int64_t since, std::int64_t limit);

}  // namespace usage
