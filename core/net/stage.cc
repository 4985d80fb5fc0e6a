// SPDX-License-Identifier: MIT
#include "net/stage.h"

#include <utility>

#include "base/log.h"

namespace wse::net {

Stage::Stage(Context &context, Socket socket, StageList &list)
    : context_(context), socket_(std::move(socket)), list_(nullptr) {
    link(list);
}

Stage::~Stage() {
    if (list_) unlink();
}

bool Stage::begin(std::unique_ptr<Stage> stage) {
    Stage *const self = stage.release();  // owned by its list from here to leave()
    const Result<void> watched = self->context_.poller.watch(self->socket_.fd(), *self);
    if (watched.ok()) return true;
    log::warn("net", "connection.unwatched", {{"error", watched.error().text}});
    self->leave();
    return false;
}

void Stage::pass_on(std::unique_ptr<Stage> stage) {
    Stage *const next = stage.release();
    context_.poller.hand_over(next->socket_.fd(), *this, *next);
    leave();
}

void Stage::leave() {
    if (left()) return;
    if (socket_.fd() >= 0) {
        context_.poller.forget(socket_.fd(), *this);
        socket_.close();
        count(Counter::connections_closed);
    }
    unlink();
    context_.poller.bury(std::unique_ptr<Pollable>(this));
    if (context_.size() == 0 && context_.when_empty) context_.when_empty();
}

void Stage::move_to(StageList &list) {
    unlink();
    link(list);
}

void Stage::link(StageList &list) {
    list_ = &list;
    previous_ = list.last;
    next_ = nullptr;
    (list.last ? list.last->next_ : list.first) = this;
    list.last = this;
    ++list.size;
}

void Stage::unlink() {
    (previous_ ? previous_->next_ : list_->first) = next_;
    (next_ ? next_->previous_ : list_->last) = previous_;
    --list_->size;
    list_ = nullptr;
}

}  // namespace wse::net
