#include "usage/answer_row.hpp"

#include <utility>

#include "usage/fetched_answer.hpp"

namespace usage {

std::vector<side_call> take_usage(usage_record& row, const answer_members& answer) {
  answer_usage told = answer.usage();
  row.served_model = told.details.served_model.empty() ? answer.name(member::model) : told.details.served_model;
  row.response_id = answer.name(member::id);
  row.tokens = told.used.tokens;
  row.usage_flags = told.used.flags;
  row.facts = std::move(told.facts);
  row.raw_usage = answer.raw_usage();
  return std::move(told.details.sides);
}

std::vector<usage_record> side_rows(const usage_record& row, std::vector<side_call> sides) {
  std::vector<usage_record> rows;
  for (side_call& side : sides) {
    usage_record& one = rows.emplace_back(row);
    // By its own id, an answer that is fetched twice has its side calls once.
    if (!one.response_id.empty()) one.response_id += '#' + side.kind + ':' + side.model;
    if (!is_fetch(row)) one.request_kind = std::move(side.kind);
    one.requested_model = side.model;
    one.served_model = std::move(side.model);
    one.tokens = side.used.tokens;
    one.usage_flags = side.used.flags;
    one.facts = {};
    one.raw_usage = std::move(side.raw_usage);
    one.request_bytes = 0;
    one.response_bytes = 0;
    make_printable(one);
  }
  return rows;
}

}  // namespace usage
