// What of Asio and Beast is no template, compiled once
// (https://www.boost.org/doc/libs/1_81_0/libs/beast/doc/html/beast/using_io/asio_refresher.html).
#include <utility>

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
