// What guards check. Each throws UserError where the operator would read or write outside its tensors, or never end.
#pragma once

#include "guard_arguments.h"

namespace torchwright {

using CheckFunction = void(const Arguments&);

// guard_checks.cc: lists, views, indices, numbers
CheckFunction outputsApart, sameSizes, sameSizesAndDtypes, listsNotEmpty, listsOfOneLength, fftDimensions, listsOfFullLength,
    insideStorage, insidePool, quantizationSearch, rowsAndColumns, finite, notQuantized, nestedDimension, strided, fusedLists,
    contiguous, expanded, sameDtypes, segments, observed, noRows, exponent, fewElements, oneLayout, listsOfOneLayout,
    polynomialDegree, packedWeights, pivotsInside, countsAreNumbers, randomFrom, unfolded, linearCombination, distances;

// guard_networks.cc: recurrent networks, embeddings, normalisation, pooling, convolutions, losses
CheckFunction packedSequence, fewLayers, recurrent, embeddingBag, embeddingGradient, channelStatistics, channelValues,
    groupStatistics, rowStatistics, weightNorm, kernelOfWeight, moderatePadding, padBackward, positionsInside, poolGradient,
    marginGradient, attention, scoresMask, adaptivePool, adaptivePoolGradient, randomShares, convolutionGradient, gridGradient,
    gridPlaces, scalesFit, targetsInside, alignments;

// guard_sparse.cc: sparse tensors
CheckFunction coordinates, compressedIndices, diagonalsInside;

} // namespace torchwright
