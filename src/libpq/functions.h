#pragma once
#include <libpq-fe.h>

#include "libpq/library.h"

// For .cc files alone: it brings libpq's own header.
namespace sluice::libpq {

// clang-format off: it never settles on a layout of this list
#define SLUICE_LIBPQ_FUNCTIONS(X)                                                                                              \
  X(PQlibVersion) X(PQconninfoParse) X(PQconninfoFree) X(PQfreemem) X(PQconnectStartParams) X(PQconnectPoll) X(PQstatus)       \
  X(PQsocket) X(PQfinish) X(PQerrorMessage) X(PQsetErrorVerbosity) X(PQsetNoticeProcessor) X(PQsetnonblocking) X(PQflush)      \
  X(PQconsumeInput) X(PQisBusy) X(PQgetResult) X(PQsendQuery) X(PQsendQueryParams) X(PQsendPrepare) X(PQsendDescribePrepared)  \
  X(PQsendQueryPrepared) X(PQsetSingleRowMode) X(PQresultStatus) X(PQresultErrorField) X(PQresultErrorMessage) X(PQclear)      \
  X(PQntuples) X(PQnfields) X(PQfname) X(PQftype) X(PQfmod) X(PQgetisnull) X(PQgetvalue) X(PQgetlength) X(PQtransactionStatus) \
  X(PQsslInUse) X(PQbackendPID) X(PQparameterStatus) X(PQgetCancel) X(PQcancel) X(PQfreeCancel)                                \
  X(PQconnectdbParams) X(PQexec) X(PQprepare) X(PQexecPrepared) X(PQcmdTuples) X(PQnotifies) X(PQenterPipelineMode)            \
  X(PQexitPipelineMode) X(PQpipelineSync) X(PQpipelineStatus) X(PQcmdStatus)
// clang-format on

struct Functions {
#define X(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): it declares a member
  SLUICE_LIBPQ_FUNCTIONS(X)
#undef X
};

}  // namespace sluice::libpq
