/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffer of kutrace_mod in user space, and the machine under it, for C and C++. */
#ifndef KUTRACE_MODEL_MODULE_H
#define KUTRACE_MODEL_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kutrace_page;
/* All variables of the module: its object file has them in one section (tests/model.cmake). */
extern char __start_model_variables[], __stop_model_variables[];
extern struct kutrace_page *kutrace_shared;
extern uint32_t kutrace_clock_shift;
extern int oops_in_progress;

/* Hooks and inserts, as of the CPU that runs. */
void model_hook(uint64_t word);
void model_hook_return(uint64_t call, long value);
void model_hook_words(uint64_t word, const uint64_t *more, uint32_t words);
void model_hook_pair(uint64_t word, uint64_t data);
bool model_insert(uint64_t word);

/* The shipped control of it. */
void model_create(uint32_t blocks, uint8_t flags);
int kutrace_recording_start(void);
void kutrace_recording_stop(void);
bool kutrace_store_off(uint64_t word, const uint64_t *more, uint32_t words);

/* What is in it. */
bool model_tracing(void);
uint64_t *model_block(uint32_t index);
uint32_t model_used(void);
uint64_t model_reused(void);
uint64_t model_stop_counter(void);
uint64_t model_header_lost(void);
uint64_t model_lost(unsigned int cpu);
uint64_t model_words_left(unsigned int cpu);
void model_hold_lock(bool hold); /* as another CPU would */
void model_forbid(bool on); /* from now on no hook may touch the module */
void model_note_end(void); /* remembers how many entries there are */
uint64_t model_noted_end(void);

/* The machine's, for the module. */
void model_preempt_disable(void);
void model_preempt_enable(void);
void model_synchronize(void);

#ifdef __cplusplus
}
#endif

#endif
