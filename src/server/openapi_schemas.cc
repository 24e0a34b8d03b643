#include "base/check.h"
#include "server/openapi.h"

namespace sluice {
namespace {

// JSON Schema 2020-12, as OpenAPI 3.1 takes it. Members that are always there are `required`.
constexpr const char* kSchemas = R"json({
"Problem": {"type": "object", "required": ["type", "title", "status", "detail", "code"], "properties": {
  "type": {"type": "string", "description": "the page of the error's code"}, "title": {"type": "string"}, "status": {"type": "integer"},
  "detail": {"type": "string", "description": "what happened to what"}, "code": {"type": "string"},
  "hint": {"type": "string", "description": "what to do next"}, "request_id": {"type": "string"}}},
"Error": {"type": "object", "required": ["kind", "code", "message", "hint"], "properties": {
  "kind": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}, "hint": {"type": "string"},
  "retry_after_ms": {"type": "integer"}}},
"RunStatus": {"enum": ["answered", "rejected", "timeout", "failed", "unanswerable", "waiting", "cancelled", "paused", "unknown"]},
"ApprovalStatus": {"enum": ["open", "approved", "refined", "rejected", "expired", "void"]},
"Time": {"type": "string", "format": "date-time"},
"OptionalTime": {"type": ["string", "null"], "format": "date-time"},
"RunSummary": {"type": "object",
  "required": ["run_id", "workflow", "status", "connection", "queue", "text", "asked_by", "created_at", "updated_at", "reason", "head_seq", "forked_from", "imported"],
  "properties": {"run_id": {"type": "string"}, "workflow": {"type": "string"}, "status": {"$ref": "#/components/schemas/RunStatus"},
    "connection": {"type": "string"}, "queue": {"type": "string"}, "text": {"type": "string"}, "asked_by": {"type": "string"},
    "created_at": {"$ref": "#/components/schemas/Time"}, "updated_at": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"},
    "head_seq": {"type": "integer"}, "forked_from": {"type": ["string", "null"]}, "imported": {"type": ["string", "null"]}}},
"RunPage": {"type": "object", "required": ["runs", "damaged", "next"], "properties": {
  "runs": {"type": "array", "items": {"$ref": "#/components/schemas/RunSummary"}},
  "damaged": {"type": "array", "items": {"$ref": "#/components/schemas/Error"}},
  "next": {"type": ["string", "null"], "description": "`before` of the next page"}}},
"SqlLines": {"type": "array", "description": "lines of tokens, each a kind and a text; formatted, with hidden characters made visible: for reading, never sent back",
  "items": {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}}},
"Check": {"type": "object", "required": ["check", "outcome", "detail", "hint"], "properties": {"check": {"type": "string"},
  "outcome": {"enum": ["passed", "warning", "failed", "skipped"]}, "detail": {"type": "string"}, "hint": {"type": "string"}}},
"Column": {"type": "object", "required": ["name", "type"], "properties": {"name": {"type": "string"}, "type": {"type": "string"}}},
"Run": {"type": "object", "description": "docs/schemas/answer.schema.json without its rows, and the run's own facts",
  "required": ["run", "run_id", "status", "connection", "question", "sql", "sql_lines", "explanation", "confidence", "tables_used", "proof", "approval", "columns", "row_count"],
  "properties": {"run": {"$ref": "#/components/schemas/RunSummary"}, "run_id": {"type": "string"}, "status": {"$ref": "#/components/schemas/RunStatus"},
    "connection": {"type": "string"}, "question": {"type": "string"}, "sql": {"type": ["string", "null"]}, "sql_lines": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/SqlLines"}]},
    "explanation": {"type": "array", "items": {"type": "string"}}, "confidence": {"type": ["number", "null"]},
    "tables_used": {"type": "array"}, "proof": {"type": "array", "items": {"$ref": "#/components/schemas/Check"}},
    "approval": {"type": ["object", "null"]}, "columns": {"type": "array", "items": {"$ref": "#/components/schemas/Column"}},
    "row_count": {"type": ["integer", "null"]}, "error": {"$ref": "#/components/schemas/Error"}}},
"RunEvent": {"type": "object", "required": ["seq", "at", "type", "path", "try", "epoch", "in_hash", "body"], "properties": {
  "seq": {"type": "integer"}, "at": {"$ref": "#/components/schemas/Time"}, "type": {"type": "string"}, "path": {"type": "string"},
  "try": {"type": "integer"}, "epoch": {"type": "integer"}, "in_hash": {"type": "string"}, "body": {}}},
"EventPage": {"type": "object", "required": ["events", "head_seq"], "properties": {
  "events": {"type": "array", "items": {"$ref": "#/components/schemas/RunEvent"}}, "head_seq": {"type": "integer"}}},
"Rows": {"type": "object", "required": ["columns", "rows", "row_count"], "properties": {
  "columns": {"type": "array", "items": {"$ref": "#/components/schemas/Column"}}, "rows": {"type": "array", "items": {"type": "array"}},
  "row_count": {"type": "integer"}}},
"Profile": {"type": "object", "required": ["rows", "whole", "columns", "columns_left_out"], "properties": {
  "rows": {"type": "integer", "description": "that were read"}, "whole": {"type": "boolean", "description": "these are all"},
  "columns": {"type": "array", "items": {"type": "object", "required": ["name", "filled", "distinct", "least", "greatest"], "properties": {
    "name": {"type": "string"}, "filled": {"type": "integer", "description": "values that are not NULL"}, "distinct": {"type": ["integer", "null"]},
    "least": {"type": ["string", "null"]}, "greatest": {"type": ["string", "null"]}}}},
  "columns_left_out": {"type": "integer"}}},
"Calls": {"type": "object", "required": ["calls"], "properties": {"calls": {"type": "array", "items": {"type": "object", "required": ["step", "state", "model"]}}}},
"Started": {"type": "object", "required": ["run_id", "existed"], "properties": {"run_id": {"type": "string"},
  "existed": {"type": "boolean", "description": "the Idempotency-Key had started it already"}}},
"ApprovalSummary": {"type": "object",
  "required": ["approval_id", "run_id", "status", "act", "connection", "question", "text", "subject_hash", "created_at", "due_at", "decided_by", "decided_at", "feedback", "reason"],
  "properties": {"approval_id": {"type": "string"}, "run_id": {"type": "string"}, "status": {"$ref": "#/components/schemas/ApprovalStatus"},
    "act": {"type": "string"}, "connection": {"type": "string"}, "question": {"type": "string"}, "text": {"type": "string", "description": "the question, or the beginning of one's own SQL"}, "subject_hash": {"type": "string"},
    "created_at": {"$ref": "#/components/schemas/Time"}, "due_at": {"$ref": "#/components/schemas/OptionalTime"}, "decided_by": {"type": "string"},
    "decided_at": {"$ref": "#/components/schemas/OptionalTime"}, "feedback": {"type": "string"}, "reason": {"type": "string"}}},
"ApprovalPage": {"type": "object", "required": ["approvals", "open", "next"], "properties": {
  "approvals": {"type": "array", "items": {"$ref": "#/components/schemas/ApprovalSummary"}}, "open": {"type": "integer"}, "next": {"type": ["string", "null"]}}},
"Approval": {"allOf": [{"$ref": "#/components/schemas/ApprovalSummary"}, {"type": "object",
  "required": ["card", "sql_lines", "last_version", "may_decide", "why_not", "viewers"],
  "properties": {"card": {"type": "object"}, "sql_lines": {"$ref": "#/components/schemas/SqlLines"}, "last_version": {"type": ["object", "null"]},
    "may_decide": {"type": "boolean"}, "why_not": {"type": "string"}, "viewers": {"type": "array", "items": {"type": "string"}}}}]},
"Connections": {"type": "object", "required": ["connections"], "properties": {"connections": {"type": "array", "items": {"type": "object",
  "required": ["name", "kind", "is_default"], "properties": {"name": {"type": "string"}, "kind": {"type": "string"}, "is_default": {"type": "boolean"}}}}}},
"ConnectionState": {"type": "object", "required": ["name", "kind", "ok", "source", "warnings", "error"], "properties": {
  "name": {"type": "string"}, "kind": {"type": "string"}, "ok": {"type": "boolean"}, "source": {"type": "string"},
  "warnings": {"type": "array", "items": {"type": "string"}}, "error": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Error"}]}}},
"Catalog": {"type": "object", "required": ["connection", "source", "dialect", "tables"], "properties": {"connection": {"type": "string"},
  "source": {"type": "string"}, "dialect": {"type": "string"}, "tables": {"type": "array", "items": {"type": "object", "required": ["name", "display", "kind", "columns"]}}}},
"Schemas": {"type": "object", "required": ["connection", "schemas"], "properties": {"connection": {"type": "string"},
  "schemas": {"type": "array", "items": {"type": "object", "required": ["schema", "tables"]}}}},
"Costs": {"type": "object", "required": ["costs"], "properties": {"costs": {"type": "array", "items": {"type": "object", "required": ["group", "calls", "usd"]}}}},
"Logs": {"type": "object", "required": ["run_id", "lines"], "properties": {"run_id": {"type": "string"}, "lines": {"type": "array", "items": {"type": "object",
  "required": ["at", "level", "step", "message"], "properties": {"at": {"$ref": "#/components/schemas/Time"}, "level": {"enum": ["info", "warning", "error"]},
  "step": {"type": "string"}, "message": {"type": "string"}}}}}},
"Session": {"type": "object", "required": ["version", "person", "login", "roles", "csrf_token", "environment", "workflows", "default_connection", "approvals"],
  "properties": {"version": {"type": "string"}, "person": {"type": "string"}, "login": {"enum": ["off", "token", "oidc"]}, "csrf_token": {"type": "string"},
  "environment": {"type": "string"}, "workflows": {"type": "array", "items": {"type": "string"}}, "default_connection": {"type": "string"}}},
"Health": {"type": "object", "required": ["status", "version", "uptime_s", "parts", "queues", "approvals"], "properties": {"status": {"enum": ["ok", "degraded"]},
  "version": {"type": "string"}, "uptime_s": {"type": "integer"}, "parts": {"type": "array"}, "queues": {"type": "array"}, "approvals": {"type": "object"}}},
"Login": {"type": "object", "required": ["login", "provider"], "properties": {"login": {"enum": ["off", "tokens", "oidc"]},
  "provider": {"type": "string", "description": "whom people log in at, where that is a provider: /login/start"}}},
"Person": {"type": "object", "required": ["person"], "properties": {"person": {"type": "string"}}},
"Alive": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
"QueryAnswer": {"type": "object", "required": ["run_id", "status"], "description": "what became of it so far: with the rows where it is answered, with the approval where it waits for one",
  "properties": {"run_id": {"type": "string"}, "status": {"$ref": "#/components/schemas/RunStatus"}}}
})json";

}  // namespace

Json openapi_schemas() {
  auto schemas = Json::parse(kSchemas);
  CHECK(schemas);
  return *std::move(schemas);
}

}  // namespace sluice
