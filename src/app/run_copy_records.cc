#include "app/run_copy_records.h"

namespace sluice {
namespace {

struct RunRecord {
  std::string id{}, name{}, code_version{}, tenant{}, queue{};
  int priority = 0;
  std::string root{}, parent{}, parent_path{}, forked_from{};
  std::int64_t forked_seq = 0;
  std::string imported{};
  RunStatus status{};
  std::string reason{};
  Json labels{};
  TimeMs created_at = 0, updated_at = 0;
  std::optional<TimeMs> deadline_at{};
  std::int64_t head_seq = 0, epoch = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"id", &RunRecord::id},
                      Field{"name", &RunRecord::name},
                      Field{"code_version", &RunRecord::code_version},
                      Field{"tenant", &RunRecord::tenant},
                      Field{"queue", &RunRecord::queue},
                      Field{"priority", &RunRecord::priority},
                      Field{"root", &RunRecord::root},
                      Field{"parent", &RunRecord::parent},
                      Field{"parent_path", &RunRecord::parent_path},
                      Field{"forked_from", &RunRecord::forked_from},
                      Field{"forked_seq", &RunRecord::forked_seq},
                      Field{"imported", &RunRecord::imported},
                      Field{"status", &RunRecord::status},
                      Field{"reason", &RunRecord::reason},
                      Field{"labels", &RunRecord::labels},
                      Field{"created_at", &RunRecord::created_at},
                      Field{"updated_at", &RunRecord::updated_at},
                      Field{"deadline_at", &RunRecord::deadline_at},
                      Field{"head_seq", &RunRecord::head_seq},
                      Field{"epoch", &RunRecord::epoch}};
  }
};

struct EventRecord {
  std::string run{};
  std::int64_t seq = 0, epoch = 0;
  EventType type{};
  std::string path{};
  int try_no = 0;
  std::string in_hash{};
  Json body{};
  TimeMs at = 0;
  int schema_v = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"run", &EventRecord::run},          Field{"seq", &EventRecord::seq},   Field{"epoch", &EventRecord::epoch},
                      Field{"type", &EventRecord::type},        Field{"path", &EventRecord::path}, Field{"try", &EventRecord::try_no},
                      Field{"in_hash", &EventRecord::in_hash},  Field{"body", &EventRecord::body}, Field{"at", &EventRecord::at},
                      Field{"schema_v", &EventRecord::schema_v}};
  }
};

struct ApprovalRecord {
  std::string id{}, run{}, path{}, subject_hash{};
  Json subject{}, card{};
  std::string policy{};
  std::optional<TimeMs> due_at{};
  ApprovalStatus status{};
  std::string decided_by{}, feedback{}, edited{}, reason{};
  TimeMs created_at = 0;
  std::optional<TimeMs> decided_at{};
  std::optional<std::int64_t> spent_seq{};

  static constexpr auto fields() {
    return std::tuple{Field{"id", &ApprovalRecord::id},
                      Field{"run", &ApprovalRecord::run},
                      Field{"path", &ApprovalRecord::path},
                      Field{"subject_hash", &ApprovalRecord::subject_hash},
                      Field{"subject", &ApprovalRecord::subject},
                      Field{"card", &ApprovalRecord::card},
                      Field{"policy", &ApprovalRecord::policy},
                      Field{"due_at", &ApprovalRecord::due_at},
                      Field{"status", &ApprovalRecord::status},
                      Field{"decided_by", &ApprovalRecord::decided_by},
                      Field{"feedback", &ApprovalRecord::feedback},
                      Field{"edited", &ApprovalRecord::edited},
                      Field{"reason", &ApprovalRecord::reason},
                      Field{"created_at", &ApprovalRecord::created_at},
                      Field{"decided_at", &ApprovalRecord::decided_at},
                      Field{"spent_seq", &ApprovalRecord::spent_seq}};
  }
};

}  // namespace

Json encode_run(const RunInfo& run) {
  return encode(RunRecord{.id = run.id.text,
                          .name = run.name,
                          .code_version = run.code_version,
                          .tenant = run.place.tenant,
                          .queue = run.place.queue,
                          .priority = run.place.priority,
                          .root = run.root.text,
                          .parent = run.parent.text,
                          .parent_path = run.parent_path,
                          .forked_from = run.forked_from.text,
                          .forked_seq = run.forked_seq,
                          .imported = run.imported,
                          .status = run.status,
                          .reason = run.reason,
                          .labels = run.labels,
                          .created_at = run.created_at,
                          .updated_at = run.updated_at,
                          .deadline_at = run.deadline_at,
                          .head_seq = run.head_seq,
                          .epoch = run.epoch});
}

Result<RunInfo> decode_run(const Json& json) {
  TRY(RunRecord record, decode<RunRecord>(json));
  RunInfo run{.id = {record.id}, .name = record.name, .code_version = record.code_version};
  run.place = {record.tenant, record.queue, record.priority};
  run.root = {record.root};
  run.parent = {record.parent};
  run.parent_path = record.parent_path;
  run.forked_from = {record.forked_from};
  run.forked_seq = record.forked_seq;
  run.imported = record.imported;
  run.status = record.status;
  run.reason = record.reason;
  run.labels = std::move(record.labels);
  run.created_at = record.created_at;
  run.updated_at = record.updated_at;
  run.deadline_at = record.deadline_at;
  run.head_seq = record.head_seq;
  run.epoch = record.epoch;
  return run;
}

Json encode_event(const RunId& run, const EventInfo& event) {
  return encode(EventRecord{.run = run.text,
                            .seq = event.seq,
                            .epoch = event.epoch,
                            .type = event.type,
                            .path = event.path,
                            .try_no = event.try_no,
                            .in_hash = event.in_hash,
                            .body = event.body,
                            .at = event.at,
                            .schema_v = event.schema_v});
}

Result<CopiedEvent> decode_event(const Json& json) {
  TRY(EventRecord record, decode<EventRecord>(json));
  CopiedEvent copied{.run = {record.run}};
  copied.event = {.seq = record.seq,
                  .epoch = record.epoch,
                  .type = record.type,
                  .path = std::move(record.path),
                  .try_no = record.try_no,
                  .in_hash = std::move(record.in_hash),
                  .body = std::move(record.body),
                  .at = record.at,
                  .schema_v = record.schema_v};
  return copied;
}

Json encode_approval(const ApprovalInfo& approval) {
  return encode(ApprovalRecord{.id = approval.id.text,
                               .run = approval.run_id.text,
                               .path = approval.path,
                               .subject_hash = approval.subject_hash,
                               .subject = approval.subject,
                               .card = approval.card,
                               .policy = approval.policy,
                               .due_at = approval.due_at,
                               .status = approval.status,
                               .decided_by = approval.decided_by,
                               .feedback = approval.feedback,
                               .edited = approval.edited,
                               .reason = approval.reason,
                               .created_at = approval.created_at,
                               .decided_at = approval.decided_at,
                               .spent_seq = approval.spent_seq});
}

Result<ApprovalInfo> decode_approval(const Json& json) {
  TRY(ApprovalRecord record, decode<ApprovalRecord>(json));
  ApprovalInfo approval{.id = {record.id}, .run_id = {record.run}, .path = record.path, .subject_hash = record.subject_hash};
  approval.subject = std::move(record.subject);
  approval.card = std::move(record.card);
  approval.policy = record.policy;
  approval.due_at = record.due_at;
  approval.status = record.status;
  approval.decided_by = record.decided_by;
  approval.feedback = record.feedback;
  approval.edited = record.edited;
  approval.reason = record.reason;
  approval.created_at = record.created_at;
  approval.decided_at = record.decided_at;
  approval.spent_seq = record.spent_seq;
  return approval;
}

}  // namespace sluice
