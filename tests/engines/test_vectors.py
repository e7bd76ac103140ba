"""What is written to the store is what the whole index of a chunk says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines import spanish

PROSE = st.text(alphabet=st.sampled_from("aábcdeéñoúü AÑZ09.,;:¿?¡!º°/-\n«»()%$"), max_size=300)


@given(PROSE, PROSE)
def test_vectors_alone_are_those_of_the_index(text: str, heading: str) -> None:
    whole = spanish.index(text, heading=heading)
    for alone, kept in zip(spanish.vectors(text, heading=heading), (whole.stems, whole.grams), strict=True):
        order, other = np.argsort(alone.indices), np.argsort(kept.indices)
        np.testing.assert_array_equal(alone.indices[order], kept.indices[other])
        np.testing.assert_array_equal(alone.values[order], kept.values[other])
